import GRIPEngine
import HTTPTypes
import NIOCore

/// Answers the requests of routes to the target `test`.
final class TestOriginClient: OriginClient {
    private let eventLoop: any EventLoop
    private let bodyLimit: Int

    init(eventLoop: any EventLoop, bodyLimit: Int) {
        self.eventLoop = eventLoop
        self.bodyLimit = bodyLimit
    }

    func open(_ request: OriginRequest, for receiver: any OriginReceiver) -> any OriginCall {
        TestOriginCall(request, for: receiver, on: self.eventLoop, bodyLimit: self.bodyLimit)
    }
}

/// One request to the target `test`.
final class TestOriginCall: OriginCall {
    private let request: OriginRequest
    private let eventLoop: any EventLoop
    private let bodyLimit: Int
    private weak var receiver: (any OriginReceiver)?
    private var body = ByteBuffer()
    private var isEnded = false

    init(_ request: OriginRequest, for receiver: any OriginReceiver, on eventLoop: any EventLoop, bodyLimit: Int) {
        self.request = request
        self.receiver = receiver
        self.eventLoop = eventLoop
        self.bodyLimit = bodyLimit
    }

    func start() { self.receiver?.originWritabilityChanged(true) }

    func send(_ bytes: ByteBuffer) {
        guard !self.isEnded else { return }
        guard self.body.readableBytes + bytes.readableBytes <= self.bodyLimit else {
            return self.answer(.text(.contentTooLarge, "The test handler takes at most \(self.bodyLimit) bytes.\n"))
        }
        self.body.writeImmutableBuffer(bytes)
    }

    func end(_ trailers: PassedTrailers?) {
        guard !self.isEnded else { return }
        let request = self.request
        self.answer(
            TestOrigin.respond(
                method: request.method,
                path: request.path,
                fields: request.fields.fields,
                body: self.body
            )
        )
    }

    func cancel() {
        self.isEnded = true
        self.receiver = nil
    }

    func setReading(_ isReading: Bool) {}

    /// Answers soon: whoever sends a request is not yet ready for its answer.
    private func answer(_ response: EngineResponse) {
        self.isEnded = true
        self.eventLoop.assumeIsolated().execute {
            guard let receiver = self.receiver else { return }
            receiver.originHead(HTTPResponse(status: response.status, headerFields: response.fields))
            if response.body.readableBytes > 0 { receiver.originBody(response.body) }
            receiver.originEnd(nil)
            receiver.originReadComplete()
        }
    }
}
