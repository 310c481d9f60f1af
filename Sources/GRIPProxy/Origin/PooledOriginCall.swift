import GRIPEngine
import HTTPTypes
import NIOCore

/// A call over a connection that the pool has or makes.
///
/// Until then it keeps what is to be sent.
final class PooledOriginCall: OriginCall {
    let request: OriginRequest
    private(set) weak var receiver: (any OriginReceiver)?
    private unowned let pool: OriginPool
    private var connection: OriginHTTP1Handler?
    private var isEnded = false
    private var isRequestEnded = false
    private var sentBytes = 0

    init(_ request: OriginRequest, for receiver: any OriginReceiver, pool: OriginPool) {
        self.request = request
        self.receiver = receiver
        self.pool = pool
    }

    /// Whether a connection that is made is still of use.
    var isWanted: Bool { !self.isEnded }

    // MARK: From the receiver

    func start() { self.pool.start(self) }

    func send(_ bytes: ByteBuffer) {
        self.sentBytes += bytes.readableBytes
        self.connection?.send(bytes)
    }

    func end(_ trailers: HTTPFields?) {
        guard !self.isRequestEnded else { return }
        self.isRequestEnded = true
        self.connection?.end(trailers)
    }

    func setReading(_ isReading: Bool) { self.connection?.setReading(isReading) }

    func cancel() {
        guard !self.isEnded else { return }
        self.isEnded = true
        self.receiver = nil
        self.connection?.close()
        self.connection = nil
    }

    // MARK: From the connection

    func assigned(to connection: OriginHTTP1Handler) { self.connection = connection }

    /// Lets the receiver send what it has.
    func drain(isWritable: Bool) {
        // The receiver has said so before, when the call was made over another connection.
        if self.isRequestEnded { self.connection?.end(nil) }
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
    ///
    /// - Parameters:
    ///   - wasUsed: Whether it had served a call before; the origin may have been about to close it.
    ///   - isResponseBegun: Whether any of the response had come.
    func fail(wasUsed: Bool, isResponseBegun: Bool) {
        if wasUsed, !isResponseBegun, self.sentBytes == 0, self.request.bodyLength == .none,
            self.request.method.isIdempotent, self.isWanted
        {
            self.connection = nil
            return self.pool.connect(self)
        }
        self.fail(.closed)
    }

    private func complete() -> (any OriginReceiver)? {
        guard !self.isEnded else { return nil }
        self.isEnded = true
        self.connection = nil
        defer { self.receiver = nil }
        return self.receiver
    }
}

extension HTTPRequest.Method {
    /// Whether asking twice does what asking once does (RFC 9110 section 9.2.2).
    fileprivate var isIdempotent: Bool {
        switch self {
        case .get, .head, .options, .put, .delete, .trace: true
        default: false
        }
    }
}
