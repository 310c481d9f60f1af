import Foundation
import NIOCore
import NIOPosix

/// A client that follows a script and then waits until the proxy ends the connection.
final class FuzzClient: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Outcome: Sendable {
        var received: [UInt8] = []
        /// Whether the proxy has not ended the connection in any reasonable time.
        var isOverdue = false
    }

    /// Who has got so much is on an endless stream and leaves.
    private static let maximumReceived = 2_000_000

    private var steps: ArraySlice<ClientScript.Step>
    private let stays: Bool
    private let released: EventLoopFuture<Void>
    private let ended: EventLoopPromise<Outcome>
    private var outcome = Outcome()
    private var isWaitingForBytes = false
    private var deadline: Scheduled<Void>?

    private init(
        _ script: ClientScript,
        released: EventLoopFuture<Void>,
        ended: EventLoopPromise<Outcome>
    ) {
        self.steps = script.steps[...]
        self.stays = script.stays
        self.released = released
        self.ended = ended
    }

    /// Begins a connection.
    ///
    /// - Parameters:
    ///   - script: What to do.
    ///   - address: Where the proxy is.
    ///   - released: When those who stay go on.
    /// - Returns: What came of it, at the end of the connection.
    static func run(
        _ script: ClientScript,
        to address: SocketAddress,
        released: EventLoopFuture<Void>
    ) -> EventLoopFuture<Outcome> {
        let ended = released.eventLoop.makePromise(of: Outcome.self)
        ClientBootstrap(group: released.eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let client = FuzzClient(script, released: released, ended: ended)
                    try channel.pipeline.syncOperations.addHandler(client)
                }
            }
            .connect(to: address).whenFailure { ended.fail($0) }
        return ended.futureResult
    }

    // MARK: Following the script

    func channelActive(context: ChannelHandlerContext) {
        if self.stays {
            self.released.assumeIsolated().whenSuccess { self.startDeadline(context) }
        } else {
            self.startDeadline(context)
        }
        self.goOn(context)
    }

    private func startDeadline(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(120)) {
            self.outcome.isOverdue = true
            context.close(promise: nil)
        }
    }

    private func goOn(_ context: ChannelHandlerContext) {
        guard let step = self.steps.popFirst() else { return }
        switch step {
        case .send(let bytes):
            let written = context.eventLoop.makePromise(of: Void.self)
            self.goOn(context, after: written.futureResult)
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: written)
        case .receive:
            self.isWaitingForBytes = true
            self.released.assumeIsolated().whenSuccess { self.stopWaiting(context) }
        case .stay: self.goOn(context, after: self.released)
        case .finish: context.close(mode: .output, promise: nil)
        case .leave: self.leave(context)
        }
    }

    /// Closes the connection without a word.
    ///
    /// One that is closed in order and reset at once trips an assertion of NIO in the proxy, in debug builds alone.
    private func leave(_ context: ChannelHandlerContext) {
        let noWait = linger(l_onoff: 1, l_linger: 0)
        guard let options = context.channel as? any SocketOptionProvider else { return context.close(promise: nil) }
        options.setSoLinger(noWait).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    private func goOn(_ context: ChannelHandlerContext, after future: EventLoopFuture<Void>) {
        future.assumeIsolated().whenSuccess { if context.channel.isActive { self.goOn(context) } }
    }

    // MARK: What comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.outcome.received += self.unwrapInboundIn(data).readableBytesView
        if self.outcome.received.count > Self.maximumReceived { context.close(promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) { self.stopWaiting(context) }

    private func stopWaiting(_ context: ChannelHandlerContext) {
        guard self.isWaitingForBytes, context.channel.isActive else { return }
        self.isWaitingForBytes = false
        self.goOn(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        self.ended.succeed(self.outcome)
    }
}
