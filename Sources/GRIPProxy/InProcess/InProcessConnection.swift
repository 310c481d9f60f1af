import GRIPEngine
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// A connection to the application in the same process.
///
/// It serves one call after the other.
final class InProcessConnection {
    /// How far one request has come.
    private struct Exchange {
        var isRequestEnded = false
        var isResponseBegun = false
        var isResponseEnded = false
        /// Whether the application is done, also with what it does after the response.
        var isHandled = false
        var isWritable = true
        /// Whether the application has been told that nothing more comes.
        var isInputEnded = false
    }

    /// Above the first the client is not read, until no more than the second waits for the application.
    private static let highWatermark = 65_536
    private static let lowWatermark = 16_384

    let channel: InMemoryChannel
    private unowned let origin: InProcessOrigin
    private var call: InProcessCall?
    private var exchange: Exchange?
    private var isBeginning = false
    private(set) var idleSince: EngineTime?

    init(channel: InMemoryChannel, origin: InProcessOrigin) {
        self.channel = channel
        self.origin = origin
        channel.use(self)
    }

    // MARK: From the call

    func begin(_ call: InProcessCall) {
        self.call = call
        self.exchange = Exchange()
        self.idleSince = nil
        call.assigned(to: self)
        self.channel.use(call.addresses)
        self.channel.setWritable(true)
        self.channel.add(.head(call.request.head))
        // Most requests are sent as a whole now, and wake the application once.
        self.isBeginning = true
        call.receiver?.originWritabilityChanged(true)
        self.isBeginning = false
        self.channel.deliver()
    }

    func send(_ bytes: ByteBuffer) {
        self.channel.add(.body(bytes))
        self.deliver()
        guard self.channel.waitingByteCount > Self.highWatermark else { return }
        self.setRequestWritable(false)
    }

    func end(_ trailers: PassedTrailers?) {
        self.exchange?.isRequestEnded = true
        self.channel.add(.end(trailers?.fields))
        self.deliver()
    }

    private func deliver() {
        if !self.isBeginning { self.channel.deliver() }
    }

    /// Tells the application, as a socket would, that the client sends nothing more.
    func endInput() {
        self.exchange?.isInputEnded = true
        self.channel.endInput()
    }

    func setReading(_ isReading: Bool) { self.channel.setWritable(isReading) }

    func close() { self.channel.close(.all, promise: nil) }

    private func setRequestWritable(_ isWritable: Bool) {
        guard let exchange = self.exchange, exchange.isWritable != isWritable else { return }
        self.exchange?.isWritable = isWritable
        self.call?.receiver?.originWritabilityChanged(isWritable)
    }

    private func finishIfDone() {
        guard let exchange = self.exchange, exchange.isResponseEnded else { return }
        // What is left of the request will not come, and the application is not to take the next one for it.
        guard exchange.isRequestEnded, !exchange.isInputEnded else { return self.close() }
        guard exchange.isHandled else { return }
        self.exchange = nil
        self.idleSince = ProxyClock.now
        self.origin.release(self)
    }

    private func fail(_ failure: OriginFailure) {
        let call = self.call
        self.call = nil
        self.close()
        call?.fail(failure)
    }
}

extension InProcessConnection: InMemoryPeer {
    func received(_ part: HTTPResponsePart) {
        guard let call = self.call, let exchange = self.exchange else { return }
        switch part {
        case .head(let head):
            // Word on the way is between the application and a client that it speaks to itself.
            guard head.status.kind != .informational else { return }
            guard !exchange.isResponseBegun else { return self.fail(.invalid("a second response")) }
            self.exchange?.isResponseBegun = true
            call.receiver?.originHead(head)
        case .body(let bytes):
            guard exchange.isResponseBegun else { return self.fail(.invalid("a body without a head")) }
            call.receiver?.originBody(bytes)
        case .end(let trailers):
            guard exchange.isResponseBegun else { return self.fail(.invalid("an end without a head")) }
            self.exchange?.isResponseEnded = true
            self.call = nil
            self.finishIfDone()
            call.finish(trailers)
        }
    }

    func flushed() { self.call?.receiver?.originReadComplete() }

    func requestTaken() {
        guard self.channel.waitingByteCount <= Self.lowWatermark else { return }
        self.setRequestWritable(true)
    }

    func requestHandled() {
        self.exchange?.isHandled = true
        self.finishIfDone()
    }

    func closed() {
        self.origin.remove(self)
        self.exchange = nil
        self.idleSince = nil
        let call = self.call
        self.call = nil
        call?.fail(.closed)
    }
}

extension OriginRequest {
    /// The request as applications see it.
    fileprivate var head: HTTPRequest {
        var fields = self.fields.fields
        if case .known(let count) = self.bodyLength { fields[.contentLength] = String(count) }
        return HTTPRequest(
            method: self.method,
            scheme: "http",
            authority: self.authority,
            path: self.path,
            headerFields: fields
        )
    }
}
