import GRIP
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

    let channel: EmbeddedChannel
    private let reads = ReadCounter()
    private let core: ProxyCore

    /// Connects to a proxy with routes.
    convenience init(routes: String) throws {
        let loop = EmbeddedEventLoop()
        try self.init(ProxyCore(routes: routes, loop: loop), loop: loop)
    }

    /// Connects to a proxy on an event loop that other clients may be on too.
    init(_ core: ProxyCore, loop: EmbeddedEventLoop) throws {
        self.core = core
        self.channel = EmbeddedChannel(loop: loop)
        try self.channel.pipeline.syncOperations.addHandler(self.reads)
        try core.adopt(self.channel, isOverTLS: false)
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// How often more was asked of the client.
    var readCount: Int { self.reads.count }

    /// What the proxy has on the event loop.
    var loops: [ProxyLoop] { self.core.loops.map(\.value) }

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

extension ProxyCore {
    /// Makes a proxy with routes on an event loop of a test.
    convenience init(
        routes: String,
        loop: any EventLoop,
        _ configure: (inout GRIPProxyServerConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = GRIPProxyServerConfiguration()
        configure(&configuration)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let signers = try RouteSigners(issuer: "a", key: nil, logger: logger)
        self.init(
            configuration,
            settings: try ProxySettingsSnapshot(configuration, signers: signers),
            routes: RouteTable(RouteFile.parse(routes).routes),
            hubLoop: loop,
            logger: logger
        )
    }
}

extension ProxyCore {
    /// Publishes items on an event loop of a test.
    func publish(_ publications: [GRIPPublication]) {
        _ = self.ingress.publish(publications, on: self.hub.eventLoop)
    }
}
