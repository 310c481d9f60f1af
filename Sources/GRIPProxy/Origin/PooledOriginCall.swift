import GRIPEngine
import HTTPTypes
import NIOCore

/// A call over a connection that the pool has or makes.
///
/// What it has sent is kept until there is a response, as far as it is little: a connection may end before the origin
/// has read it.
final class PooledOriginCall: OriginCall {
    let request: OriginRequest
    private(set) weak var receiver: (any OriginReceiver)?
    private unowned let pool: OriginPool
    private var connection: OriginHTTP1Handler?
    /// The number under which it waits for a connection.
    var ticket: ConnectionPool.Ticket?
    private var isEnded = false
    private var isRequestEnded = false
    private var trailers: PassedTrailers?
    private var sent = SentBody()
    /// Whether the request is being sent again.
    private var isRepeated = false

    init(_ request: OriginRequest, for receiver: any OriginReceiver, pool: OriginPool) {
        self.request = request
        self.receiver = receiver
        self.pool = pool
    }

    /// Whether a connection that is made is still of use.
    var isWanted: Bool { !self.isEnded }

    /// What it needs of a connection; no value without a server.
    var wish: ConnectionPool.Wish? {
        guard case .server(let server) = self.request.destination else { return nil }
        return ConnectionPool.Wish(
            server: server,
            isRepeatable: self.request.method.isIdempotent && SentBody.keeps(self.request.bodyLength),
            isAwaited: self.request.isAwaited,
            isFresh: self.isRepeated
        )
    }

    // MARK: From the receiver

    func start() { self.pool.start(self) }

    func send(_ bytes: ByteBuffer) {
        self.sent.append(bytes, isUnsent: self.connection == nil)
        self.connection?.send(bytes)
    }

    func end(_ trailers: PassedTrailers?) {
        guard !self.isRequestEnded else { return }
        self.isRequestEnded = true
        self.trailers = trailers
        self.connection?.end(trailers)
    }

    func setReading(_ isReading: Bool) { self.connection?.setReading(isReading) }

    func cancel() {
        guard !self.isEnded else { return }
        self.isEnded = true
        self.receiver = nil
        if let ticket { self.pool.withdraw(ticket) }
        self.connection?.close()
        self.connection = nil
    }

    // MARK: From the connection

    func assigned(to connection: OriginHTTP1Handler) { self.connection = connection }

    /// Sends what was sent over a connection that has ended, and lets the receiver send what it has.
    func drain(isWritable: Bool) {
        if self.isRepeated {
            for bytes in self.sent.pieces { self.connection?.send(bytes) }
            if self.isRequestEnded { self.connection?.end(self.trailers) }
        }
        self.receiver?.originWritabilityChanged(isWritable)
    }

    func writabilityChanged(_ isWritable: Bool) { self.receiver?.originWritabilityChanged(isWritable) }

    func finish(_ trailers: HTTPFields?) {
        guard let receiver = self.complete() else { return }
        receiver.originEnd(trailers)
    }

    func fail(_ failure: OriginFailure) {
        guard let receiver = self.complete() else { return }
        receiver.originFailed(failure)
    }

    /// The connection ended.
    func fail(_ lost: LostConnection) {
        guard self.isWanted, lost.allowsRepetition(of: self.request.method, isWhole: self.sent.isWhole) else {
            return self.fail(.closed)
        }
        self.connection = nil
        self.isRepeated = true
        self.receiver?.originWritabilityChanged(false)
        self.pool.startAgain(self)
    }

    private func complete() -> (any OriginReceiver)? {
        guard !self.isEnded else { return nil }
        self.isEnded = true
        self.connection = nil
        defer { self.receiver = nil }
        return self.receiver
    }
}
