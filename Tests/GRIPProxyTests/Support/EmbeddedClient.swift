import GRIPEngine
import Logging
import NIOCore
import NIOEmbedded

@testable import GRIPProxy

/// A connection of a client, on an event loop that the test runs.
///
/// The test says whether the client reads what is written to it.
final class EmbeddedClient {
    /// Counts how often more is asked of the client.
    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = Never

        var count = 0

        func read(context: ChannelHandlerContext) {
            self.count += 1
            context.read()
        }
    }

    let channel = EmbeddedChannel()
    private let reads = ReadCounter()
    private let core: ProxyCore

    /// Connects to a proxy with routes.
    init(routes: String) throws {
        let configuration = GRIPProxyServerConfiguration()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let signers = try RouteSigners(issuer: "a", key: nil, logger: logger) { _ in throw ConnectionLimit.Reached() }
        self.core = ProxyCore(
            configuration,
            settings: try ProxySettingsSnapshot(configuration, signers: signers),
            routes: RouteTable(RouteFile.parse(routes).routes),
            hubLoop: self.channel.embeddedEventLoop,
            logger: logger
        )
        try self.channel.pipeline.syncOperations.addHandler(self.reads)
        try self.core.adopt(self.channel, isOverTLS: false)
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// How often more was asked of the client.
    var readCount: Int { self.reads.count }

    /// Says whether the client reads.
    func setReading(_ isReading: Bool) {
        self.channel.isWritable = isReading
        self.channel.pipeline.fireChannelWritabilityChanged()
    }

    func send(_ text: String) throws { try self.channel.writeInbound(ByteBuffer(string: text)) }

    /// What was written to the client since the last time.
    func received() throws -> String {
        self.channel.embeddedEventLoop.run()
        var text = ""
        while let bytes = try self.channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }
}
