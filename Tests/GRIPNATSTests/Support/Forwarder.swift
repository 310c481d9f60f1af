import NIOCore
import NIOPosix
import Synchronization

/// A way to a server that can be cut and mended, or stalled.
final class Forwarder: Sendable {
    private struct State {
        var isCut = false
        var channels: [any Channel] = []
    }

    let port: Int
    private let listener: any Channel
    private let state: SharedState

    private final class SharedState: Sendable {
        let value = Mutex(State())

        /// Keeps a channel, or closes it where the way is cut.
        func keep(_ channels: [any Channel]) {
            let isCut = self.value.withLock { state in
                if !state.isCut { state.channels += channels }
                return state.isCut
            }
            if isCut { for channel in channels { channel.close(promise: nil) } }
        }
    }

    /// Writes what comes in to the other side.
    private final class Pipe: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let other: any Channel

        init(to other: any Channel) { self.other = other }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.other.writeAndFlush(self.unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { self.other.close(promise: nil) }
    }

    private init(port: Int, listener: any Channel, state: SharedState) {
        self.port = port
        self.listener = listener
        self.state = state
    }

    static func run<Result>(to target: Int, _ body: (Forwarder) async throws -> Result) async throws -> Result {
        let state = SharedState()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { incoming in
                ClientBootstrap(group: incoming.eventLoop)
                    .channelInitializer { outgoing in outgoing.pipeline.addHandler(Pipe(to: incoming)) }
                    .connect(host: "127.0.0.1", port: target)
                    .flatMap { outgoing in
                        state.keep([incoming, outgoing])
                        return incoming.pipeline.addHandler(Pipe(to: outgoing))
                    }
                    .flatMap { incoming.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let forwarder = Forwarder(port: listener.localAddress?.port ?? 0, listener: listener, state: state)
        do {
            let result = try await body(forwarder)
            try await listener.close()
            try await forwarder.cut()
            return result
        } catch {
            try await listener.close()
            try await forwarder.cut()
            throw error
        }
    }

    /// Ends all connections, and all that are made before it is mended.
    func cut() async throws {
        let channels = self.state.value.withLock { state in
            defer { state.channels = [] }
            state.isCut = true
            return state.channels
        }
        for channel in channels {
            channel.close(promise: nil)
            try await channel.closeFuture.get()
        }
    }

    func mend() { self.state.value.withLock { $0.isCut = false } }

    /// Passes nothing on, and ends nothing, until it resumes.
    func stall() async throws { try await self.setAutoRead(false) }

    func resume() async throws { try await self.setAutoRead(true) }

    private func setAutoRead(_ value: Bool) async throws {
        for channel in self.state.value.withLock({ $0.channels }) {
            try await channel.setOption(.autoRead, value: value)
        }
    }
}
