import NIOCore
import NIOPosix

/// A TCP connection as bytes, with a limit on every wait.
final class ByteStream: Sendable {
    /// What has arrived and was not read yet.
    struct Inbound: Sendable {
        var bytes = ByteBuffer()
        /// Whether nothing more will come.
        var isEnded = false
    }

    private let channel: any Channel
    private let inbound: Watched<Inbound>

    private init(_ channel: any Channel, _ inbound: Watched<Inbound>) {
        self.channel = channel
        self.inbound = inbound
    }

    /// Takes over a channel that has just been set up.
    static func attach(to channel: any Channel) throws -> ByteStream {
        let inbound = Watched(Inbound())
        try channel.pipeline.syncOperations.addHandler(ByteStreamHandler(inbound))
        return ByteStream(channel, inbound)
    }

    static func connect(to address: GRIPConformanceTarget.Address, within limit: Duration) async throws -> ByteStream {
        do {
            return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .connectTimeout(TimeAmount(limit))
                .connect(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeCompletedFuture { try ByteStream.attach(to: channel) }
                }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw GRIPConformanceFailure(expected: "a connection to \(address)", observed: "\(error)")
        }
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await self.sending { try await self.channel.writeAndFlush(bytes) }
    }

    private func sending(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw GRIPConformanceFailure(expected: "a connection that takes bytes", observed: "\(error)")
        }
    }

    /// Reads something off the bytes, waiting until there are enough of them.
    ///
    /// - Parameters:
    ///   - expected: What is read, for the message of a failure.
    ///   - limit: How long to wait.
    ///   - parse: Takes what it needs from the bytes, or gives nothing where it needs more. It is asked once more when
    ///     the connection has ended.
    func read<Part: Sendable>(
        _ expected: String,
        within limit: Duration,
        _ parse: @Sendable (inout Inbound) throws -> Part?
    ) async throws -> Part {
        let outcome = try await self.inbound.first(within: limit) { inbound -> Part?? in
            if let part = try parse(&inbound) { return part }
            return inbound.isEnded ? .some(nil) : nil
        }
        switch outcome {
        case .some(.some(let part)): return part
        case .some(nil): throw GRIPConformanceFailure(expected: expected, observed: self.unread("the connection's end"))
        case nil: throw GRIPConformanceFailure(expected: expected, observed: self.unread("nothing within \(limit)"))
        }
    }

    /// Reads something, or gives nothing where it does not come in time.
    func readIfAny<Part: Sendable>(
        within limit: Duration,
        _ parse: @Sendable (inout Inbound) throws -> Part?
    ) async throws -> Part? {
        try await self.inbound.first(within: limit, parse)
    }

    /// Waits for the end of the connection; what comes before it is thrown away.
    func waitForEnd(within limit: Duration) async throws {
        let isEnded = try await self.inbound.first(within: limit) { $0.isEnded ? true : nil }
        if isEnded == nil {
            throw GRIPConformanceFailure(
                expected: "the end of the connection",
                observed: self.unread("an open one after \(limit)")
            )
        }
    }

    /// Lets the kernel's buffer fill, or not.
    func setReading(_ isReading: Bool) async throws {
        try await self.channel.setOption(.autoRead, value: isReading).get()
    }

    /// Tells the other side that nothing more will be sent.
    func finishSending() async throws { try await self.sending { try await self.channel.close(mode: .output) } }

    /// Closes the connection, without waiting.
    func close() { self.channel.close(promise: nil) }

    private func unread(_ reason: String) -> String {
        let bytes = self.inbound.value.bytes
        return bytes.readableBytes == 0 ? reason : "\(reason), after \(bytes.excerpt)"
    }
}

/// Collects what arrives.
private final class ByteStreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbound: Watched<ByteStream.Inbound>

    init(_ inbound: Watched<ByteStream.Inbound>) { self.inbound = inbound }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = self.unwrapInboundIn(data)
        self.inbound.change { inbound in _ = inbound.bytes.writeImmutableBuffer(bytes) }
    }

    func channelInactive(context: ChannelHandlerContext) { self.end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.end()
        context.close(promise: nil)
    }

    private func end() { self.inbound.change { $0.isEnded = true } }
}
