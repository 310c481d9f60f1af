import NIOCore
import NIOPosix
import Testing

/// A connection of a test, which sends and receives bytes as they are.
///
/// Exists only inside ``withConnection(to:on:isReading:_:)`` and ``withServer(_:_:)``.
struct TestConnection: ~Copyable {
    /// A response with a body of known length.
    struct Response: Equatable {
        var code: Int
        /// The lines of the head after the first.
        var fields: [String]
        var body: String
    }

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let channel: any Channel
    private var received = ByteBuffer()

    init(
        _ channel: any Channel,
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.channel = channel
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    func send(_ text: String) async throws { try await self.outbound.write(ByteBuffer(string: text)) }

    func send(_ bytes: [UInt8]) async throws { try await self.outbound.write(ByteBuffer(bytes: bytes)) }

    /// Receives so many bytes, or nothing when the other side ends before.
    mutating func bytes(_ count: Int) async throws -> ByteBuffer? {
        while self.received.readableBytes < count { guard try await self.receive() else { return nil } }
        return self.received.readSlice(length: count)
    }

    /// Takes bytes from the system from now on.
    func startReading() async throws { try await self.channel.setOption(.autoRead, value: true).get() }

    /// Takes nothing from the system from now on, apart from what it has asked for.
    func stopReading() async throws { try await self.channel.setOption(.autoRead, value: false).get() }

    /// Does nothing until the task is cancelled.
    func waitForCancellation() async {
        let (events, source) = AsyncStream.makeStream(of: Void.self)
        for await _ in events {}
        source.finish()
    }

    /// Sends nothing more.
    func finish() async throws { try await self.channel.close(mode: .output) }

    /// Receives more, unless the other side has sent all.
    private mutating func receive() async throws -> Bool {
        guard var bytes = try await self.inbound.next(isolation: #isolation) else { return false }
        self.received.writeBuffer(&bytes)
        return true
    }

    /// Receives up to and with a text.
    mutating func text(upTo end: String) async throws -> String? {
        while true {
            let bytes = self.received.readableBytesView
            if let range = bytes.firstRange(of: end.utf8) {
                return self.received.readString(length: bytes.distance(from: bytes.startIndex, to: range.upperBound))
            }
            guard try await self.receive() else { return nil }
        }
    }

    /// Receives up to and with some bytes, and leaves them as they are.
    mutating func bytes(upTo end: [UInt8]) async throws -> [UInt8]? {
        while true {
            let bytes = self.received.readableBytesView
            if let range = bytes.firstRange(of: end) {
                return self.received.readBytes(length: bytes.distance(from: bytes.startIndex, to: range.upperBound))
            }
            guard try await self.receive() else { return nil }
        }
    }

    /// Receives a response, or nothing when there is none to come.
    mutating func response(toHead isToHead: Bool = false) async throws -> Response? {
        guard let head = try await self.text(upTo: "\r\n\r\n") else { return nil }
        let lines = head.split(separator: "\r\n").map(String.init)
        let length = lines.compactMap { line in
            line.hasPrefix("Content-Length: ") ? Int(line.dropFirst("Content-Length: ".count)) : nil
        }
        let status = try #require(lines.first?.split(separator: " ").dropFirst().first, "no response: \(head)")
        let code = try #require(Int(status), "no response: \(head)")
        let count = isToHead ? 0 : length.first ?? 0
        while self.received.readableBytes < count { guard try await self.receive() else { return nil } }
        return Response(
            code: code,
            fields: Array(lines.dropFirst()),
            body: self.received.readString(length: count) ?? ""
        )
    }

    /// Receives all that is to come, up to the end of the connection.
    mutating func rest() async throws -> String { String(buffer: try await self.restOfBytes()) }

    /// Receives all that is to come, and leaves it as it is.
    mutating func restOfBytes() async throws -> ByteBuffer {
        do {
            while try await self.receive() {}
        } catch is IOError {
            // The other side has closed the connection without reading all.
        }
        return self.received
    }
}

/// Opens a connection while a closure runs.
///
/// - Parameters:
///   - address: Where to.
///   - group: The event loops to use.
///   - isReading: Whether bytes are taken from the system before the closure asks for them.
///   - receiveBuffer: How many bytes the system may keep for it, where that is not left to the system.
///   - body: What is done with it.
func withConnection<Result>(
    to address: SocketAddress,
    on group: MultiThreadedEventLoopGroup,
    isReading: Bool = true,
    receiveBuffer: Int? = nil,
    _ body: (inout TestConnection) async throws -> Result
) async throws -> Result {
    var bootstrap = ClientBootstrap(group: group)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .channelOption(.autoRead, value: isReading)
    if let receiveBuffer {
        bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBuffer)
    }
    let channel = try await bootstrap.connect(to: address) { channel in
        channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        }
    }
    return try await channel.executeThenClose { inbound, outbound in
        var connection = TestConnection(channel.channel, inbound, outbound)
        return try await body(&connection)
    }
}
