import GRIPEngine
import HTTPTypes
import NIOCore

/// One request to the application in the same process.
final class InProcessCall: OriginCall {
    let request: OriginRequest
    let addresses: InMemoryChannel.Addresses
    private(set) weak var receiver: (any OriginReceiver)?
    private unowned let origin: InProcessOrigin
    private var connection: InProcessConnection?
    private var isRequestEnded = false

    init(_ request: OriginRequest, for receiver: any OriginReceiver, origin: InProcessOrigin) {
        self.request = request
        self.receiver = receiver
        self.addresses = receiver.clientAddresses
        self.origin = origin
    }

    // MARK: From the receiver

    func start() { self.origin.start(self) }

    func send(_ bytes: ByteBuffer) { self.connection?.send(bytes) }

    func end(_ trailers: PassedTrailers?) {
        guard !self.isRequestEnded else { return }
        self.isRequestEnded = true
        self.connection?.end(trailers)
    }

    func setReading(_ isReading: Bool) { self.connection?.setReading(isReading) }

    func clientInputClosed() { self.connection?.endInput() }

    func cancel() {
        self.receiver = nil
        let connection = self.connection
        self.connection = nil
        connection?.close()
    }

    // MARK: From the connection

    func assigned(to connection: InProcessConnection) { self.connection = connection }

    func finish(_ trailers: HTTPFields?) {
        guard let receiver = self.complete() else { return }
        receiver.originEnd(trailers)
    }

    func fail(_ failure: OriginFailure) {
        guard let receiver = self.complete() else { return }
        receiver.originFailed(failure)
    }

    private func complete() -> (any OriginReceiver)? {
        self.connection = nil
        defer { self.receiver = nil }
        return self.receiver
    }
}
