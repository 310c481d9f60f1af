import GRIPEngine
import GRIPPublisher
import HTTPTypes
import NIOCore
import NIOTLS

/// A connection to an origin.
///
/// It serves one call after the other.
final class OriginHTTP1Handler: ChannelDuplexHandler {
    typealias InboundIn = Never
    typealias OutboundIn = Never

    private enum State {
        /// Until the connection is there, and TLS where it is wanted.
        case connecting(PooledOriginCall, since: EngineTime)
        case idle
        case busy(PooledOriginCall, Exchange)
        case closed
    }

    private struct Exchange {
        var isRequestEnded = false
        var isResponseBegun = false
        var isResponseEnded = false
        var keepsAlive = true
        /// What the origin says about further requests.
        var keepAlive = OriginKeepAlive()
        var isReading = true
        var hasPendingRead = false
        /// When the origin has taken too long for what comes next.
        var deadline: EngineTime?
    }

    /// The number under which the pool has it, until it is gone.
    var id: ConnectionPool.ConnectionID?
    let server: OriginServer
    /// What reads and writes bytes.
    private(set) lazy var wire = OriginWireHandler(self, names: self.pool.fieldNames)
    private let pool: OriginPool
    private var context: ChannelHandlerContext?
    private var state: State
    /// What has come of a body since the last pause.
    private var body = BodyJoiner()
    private var budget = ReadBudget()
    private(set) var wasUsed = false
    /// Whether the origin has ended the connection before the request had arrived.
    private var isRequestUnread = false

    init(id: ConnectionPool.ConnectionID, server: OriginServer, for call: PooledOriginCall, pool: OriginPool) {
        self.id = id
        self.server = server
        self.pool = pool
        self.state = .connecting(call, since: ProxyClock.now)
    }

    var isConnecting: Bool { if case .connecting = self.state { true } else { false } }

    var isIdle: Bool { if case .idle = self.state { self.context?.channel.isActive ?? false } else { false } }

    // MARK: Calls

    /// Begins a call on this connection.
    func begin(_ call: PooledOriginCall) {
        guard let context = self.context else { return }
        self.state = .busy(call, Exchange())
        call.assigned(to: self)
        self.wire.begin(call.request)
        call.drain(isWritable: context.channel.isWritable)
        self.wire.endBeginning()
    }

    func send(_ bytes: ByteBuffer) {
        guard case .busy(let call, _) = self.state else { return }
        self.wire.send(bytes, of: call.request)
    }

    func end(_ trailers: PassedTrailers?) {
        guard case .busy(let call, var exchange) = self.state else { return }
        exchange.isRequestEnded = true
        exchange.deadline = ProxyClock.now + self.pool.responseTimeout
        self.state = .busy(call, exchange)
        self.wire.end(trailers, of: call.request)
        self.finishIfDone()
    }

    func setReading(_ isReading: Bool) {
        guard case .busy(let call, var exchange) = self.state else { return }
        exchange.isReading = isReading
        let reads = isReading && exchange.hasPendingRead
        if reads { exchange.hasPendingRead = false }
        self.state = .busy(call, exchange)
        if reads { self.context?.read() }
    }

    /// Ends the connection, whatever it does.
    func close() {
        self.state = .closed
        guard let context = self.context else { return self.pool.remove(self) }
        context.close(promise: nil)
    }

    /// Fails the call when its connection or its response is overdue.
    func checkDeadline(at now: EngineTime) {
        if case .connecting(let call, let since) = self.state, now >= since + self.pool.connectTimeout {
            self.close()
            let failure = OriginFailure.unreachable(
                "\(self.server.name): no connection within \(self.pool.connectTimeout)"
            )
            self.pool.failed(self.server, failure)
            return call.fail(failure)
        }
        guard case .busy(let call, let exchange) = self.state, let deadline = exchange.deadline, now >= deadline else {
            return
        }
        // What passes through may pause for as long as the origin wants.
        if exchange.isResponseBegun, !exchange.isReading || call.receiver?.needsWholeResponse != true { return }
        self.close()
        call.fail(.timedOut)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .busy(let call, var exchange) = self.state {
            let isWritable = context.channel.isWritable
            if !exchange.isRequestEnded, !exchange.isResponseBegun {
                exchange.deadline = isWritable ? nil : ProxyClock.now + self.pool.responseTimeout
                self.state = .busy(call, exchange)
            }
            call.writabilityChanged(isWritable)
        }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if case .busy(let call, var exchange) = self.state, !exchange.isReading {
            exchange.hasPendingRead = true
            self.state = .busy(call, exchange)
        } else {
            context.read()
        }
    }

    func receiveHead(_ head: HTTPResponse, keepsAlive: Bool) {
        guard case .busy(let call, var exchange) = self.state else { return self.close() }
        exchange.isResponseBegun = true
        exchange.deadline = ProxyClock.now + self.pool.bodyTimeout
        exchange.keepsAlive = keepsAlive
        exchange.keepAlive = OriginKeepAlive(head.headerFields)
        self.state = .busy(call, exchange)
        guard head.status.isFinal else {
            return self.fail(.invalid("no response ends with status \(head.status.code)"))
        }
        call.receiver?.originHead(head)
    }

    /// Takes a part of a body, and in how many pieces it was sent; what comes at once is handed over at once.
    func receiveBody(_ bytes: ByteBuffer, pieces: Int = 1) {
        self.budget.spend(pieces * ReadBudget.Cost.piece)
        guard case .busy = self.state else { return self.close() }
        if let first = self.body.add(bytes) { self.pass(first) }
    }

    private func passBody() {
        if let bytes = self.body.take() { self.pass(bytes) }
    }

    private func pass(_ bytes: ByteBuffer) {
        guard case .busy(let call, var exchange) = self.state else { return }
        exchange.deadline = ProxyClock.now + self.pool.bodyTimeout
        self.state = .busy(call, exchange)
        call.receiver?.originBody(bytes)
    }

    /// Takes the end of a response.
    ///
    /// - Parameters:
    ///   - trailers: What came after the body.
    ///   - keepsAlive: Whether nothing is known that speaks against another call.
    func receiveEnd(_ trailers: HTTPFields?, keepsAlive: Bool) {
        self.passBody()
        guard case .busy(let call, var exchange) = self.state else { return self.close() }
        exchange.isResponseEnded = true
        // A response may come before the whole request is out; such a connection is not used again.
        if !exchange.isRequestEnded || !keepsAlive { exchange.keepsAlive = false }
        self.state = .busy(call, exchange)
        self.finish(exchange)
        call.finish(trailers)
    }

    /// Takes word that what comes is not a response.
    func receiveProblem(_ problem: HTTP1Problem) { self.fail(.invalid(problem.reason)) }

    /// Takes word that the connection has ended within a response.
    func receiveEarlyClose() { self.fail(.closed) }

    private func fail(_ failure: OriginFailure) {
        self.passBody()
        guard case .busy(let call, _) = self.state else { return self.close() }
        self.close()
        call.fail(failure)
    }

    private func finishIfDone() {
        guard case .busy(_, let exchange) = self.state, exchange.isRequestEnded, exchange.isResponseEnded else {
            return
        }
        self.finish(exchange)
    }

    private func finish(_ exchange: Exchange) {
        guard exchange.keepsAlive, let context = self.context, context.channel.isActive else { return self.close() }
        self.wasUsed = true
        self.state = .idle
        self.pool.release(self, exchange.keepAlive)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.passBody()
        if self.budget.endRead(of: context.channel) { self.pool.readsLimitedCount += 1 }
        if case .busy(let call, _) = self.state { call.receiver?.originReadComplete() }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.passBody()
        if case .connecting(let call, _) = self.state {
            self.close()
            let failure = OriginFailure.unreachable(String(connectionError: error, to: self.server.name))
            self.pool.failed(self.server, failure)
            return call.fail(failure)
        }
        guard case .busy(let call, let exchange) = self.state else { return self.close() }
        self.noteWhatArrived()
        self.close()
        call.fail(self.lost(exchange))
    }

    /// Notes whether the request that is lost has arrived, while the system still tells.
    private func noteWhatArrived() {
        guard case .busy(_, let exchange) = self.state, self.wasUsed, !exchange.isResponseBegun else { return }
        self.isRequestUnread = self.wire.isRequestUnread
    }

    private func lost(_ exchange: Exchange) -> LostConnection {
        LostConnection(
            wasUsed: self.wasUsed,
            isResponseBegun: exchange.isResponseBegun,
            isRequestUnread: self.isRequestUnread || self.wire.wasRequestRefused
        )
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.passBody()
        let state = self.state
        self.state = .closed
        self.pool.remove(self)
        switch state {
        case .connecting(let call, _):
            let failure = OriginFailure.unreachable("\(self.server.name): the origin closed the connection")
            self.pool.failed(self.server, failure)
            call.fail(failure)
        case .busy(let call, let exchange): call.fail(self.lost(exchange))
        case .idle, .closed: break
        }
        context.fireChannelInactive()
    }

    // MARK: Connecting

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event { self.ready() }
        if let event = event as? ChannelEvent, event == .inputClosed {
            self.noteWhatArrived()
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The connection is there; with TLS the handshake is still to come.
    func connected() {
        if self.server.tls == nil { self.ready() }
    }

    private func ready() {
        guard case .connecting(let call, _) = self.state else { return }
        self.state = .idle
        self.pool.succeeded(self.server)
        guard call.isWanted else { return self.pool.release(self, OriginKeepAlive()) }
        self.begin(call)
    }

    /// The connection could not be made.
    func connectionFailed(_ failure: OriginFailure) {
        guard case .connecting(let call, _) = self.state else { return }
        self.state = .closed
        self.pool.remove(self)
        self.pool.failed(self.server, failure)
        call.fail(failure)
    }
}
