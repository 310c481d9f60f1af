import GRIPEngine
import HTTPTypes
import Logging
import NIOCore

/// Runs the exchange of one request: what the engine decides is done to the client and to origins.
final class ExchangeDriver {
    let request: ClientRequest
    let loop: ProxyLoop
    // The client lets go of this when it is gone; what is held may still wait to be flushed then.
    let sink: any ResponseSink
    let owner: any ProxyClient
    /// Nothing when the response is over or held.
    private var exchange: Exchange?
    private var call: (any OriginCall)?
    private var trace: RequestTrace?
    private var jsonp: JSONPWrapper?
    private(set) var member: HeldMember?
    private var isInputClosed = false
    /// Whether the connection is to end, so that no hold begins any more.
    private var isEnding = false

    init(_ request: ClientRequest, loop: ProxyLoop, sink: any ResponseSink, owner: any ProxyClient) {
        self.request = request
        self.loop = loop
        self.sink = sink
        self.owner = owner
    }

    var isHeld: Bool { self.member != nil }

    // MARK: From the client

    /// Finds the route and asks the origin.
    ///
    /// - Parameters:
    ///   - lastIDs: What the client has seen, when a hold is continued.
    ///   - body: The body, when the request is made again.
    func begin(lastIDs: [HeaderPolicy.LastID] = [], again body: [ByteBuffer]? = nil) {
        self.loop.counters.requestsReceived += 1
        self.trace = RequestTrace(self.request, tracer: self.loop.tracer)
        guard let route = self.loop.route(for: self.request, transport: .http) else {
            self.loop.counters.requestsWithoutRoute += 1
            self.loop.log(.noRoute, for: self.request, route: nil)
            self.owner.access?.reason = .refused
            return self.perform([.respond(.routeNotFound)])
        }
        self.owner.access?.take(route)
        let prepared: ClientExchange.Prepared
        do throws(JSONPError) {
            prepared = try ClientExchange.prepare(self.request, route: route, rules: self.loop.rules)
        } catch {
            return self.perform([.respond(ProxyReply(error.response))])
        }
        var exchange = ClientExchange(
            prepared.request,
            route: route,
            lastIDs: lastIDs,
            jsonp: prepared.jsonp,
            rules: self.loop.rules,
            token: prepared.request.isTrusted ? nil : self.loop.token(for: route)
        )
        let actions = exchange.begin()
        self.exchange = Exchange(exchange)
        self.perform(actions)
        // A body that stands in the query has come already; the client's own has nothing in it.
        if let bytes = prepared.body { self.receiveBody(bytes) }
        guard let body else { return }
        if prepared.body == nil { for bytes in body { self.receiveBody(bytes) } }
        self.endBody(nil)
    }

    func receiveBody(_ bytes: ByteBuffer) { self.run { $0.receiveBody(bytes) } }

    func endBody(_ trailers: HTTPFields?) { self.run { $0.endBody(trailers) } }

    func clientWritabilityChanged(_ isWritable: Bool) {
        self.run { $0.clientWritabilityChanged(isWritable) }
        (self.member as? HeldStream)?.writabilityChanged(isWritable)
    }

    /// The client has sent its whole request and sends nothing more.
    ///
    /// What it has asked for still comes, but a hold has nobody to wait for.
    func clientInputClosed() {
        self.isInputClosed = true
        self.call?.clientInputClosed()
    }

    func clientLost(_ end: ConnectionEnd) {
        self.endTrace()
        self.run { $0.clientLost() }
        (self.member as? any HeldResponseBody)?.clientLost(end)
        self.member = nil
    }

    func shutDown(_ end: ConnectionEnd) {
        self.isEnding = true
        (self.member as? any HeldResponseBody)?.shutDown(end)
    }

    // MARK: Time

    var nextDeadline: EngineTime? { (self.member as? any HeldResponseBody)?.nextDeadline }

    func wake(at now: EngineTime) { (self.member as? any HeldResponseBody)?.wake(at: now) }

    // MARK: Actions

    private func run(_ event: (inout ClientExchange) -> [ClientExchange.Action]) {
        guard let exchange = self.exchange else { return }
        self.perform(event(&exchange.machine))
    }

    private func perform(_ actions: [ClientExchange.Action]) {
        for action in actions { self.perform(action) }
    }

    private func perform(_ action: ClientExchange.Action) {
        switch action {
        case .open(var request):
            self.loop.counters.originRequests += 1
            self.trace?.inject(into: &request.fields)
            self.owner.access?.take(request.destination)
            let call = self.loop.client(for: request.destination).open(request, for: self)
            self.call = call
            call.start()
        case .sendBody(let bytes): self.call?.send(bytes)
        case .endBody(let trailers): self.call?.end(trailers)
        case .cancelOrigin:
            self.call?.cancel()
            self.call = nil
        case .readClient(let isReading): self.sink.setReading(isReading)
        case .readOrigin(let isReading): self.call?.setReading(isReading)
        case .respond(let reply):
            if reply == .requestTooLarge { self.loop.counters.requestsTooLargeToHold += 1 }
            self.endTrace(reply.head.status)
            self.sink.begin(reply.head, .known(reply.body.readableBytes))
            self.sink.write(reply.body)
            self.sink.end(nil)
        case .begin(let head, let length):
            self.trace?.answered(head.status)
            self.sink.begin(head, length)
        case .write(let bytes): self.sink.write(bytes)
        case .end(let trailers):
            self.endTrace()
            self.sink.end(trailers)
        case .abort:
            self.endTrace()
            self.loop.counters.responsesAborted += 1
            self.sink.abort()
        case .hold(let start): self.hold(start)
        case .decode(let coding, let body, let limit):
            let result = ContentDecoder.decode(body, coding, limit: limit)
            self.run { $0.decoded(result) }
        case .note(let note): self.note(note)
        }
    }

    private func note(_ note: ClientExchange.Note) {
        if case .channelsLeftOut(let channels) = note { return self.loop.leftOut(channels, of: self.owner) }
        self.loop.log(note, for: self.request, route: self.exchange?.machine.route)
    }

    private func endTrace(_ status: HTTPResponse.Status? = nil) {
        if let status { self.trace?.answered(status) }
        self.trace?.end()
        self.trace = nil
    }

    // MARK: Holds

    private func hold(_ start: HoldStart) {
        guard let exchange = self.exchange?.machine else { return }
        self.exchange = nil
        self.owner.access?.entry.hold = start.mode.isStream ? .stream : .response
        // What is remembered to ask the origin again is in the hold.
        self.call = nil
        self.endTrace(start.head.status)
        let gone = start.goneLink.map { GoneLink(target: $0, context: self.linkContext(of: exchange)) }
        guard !self.loop.isShuttingDown, !self.isEnding, !self.isInputClosed else { return self.end(start, gone: gone) }
        switch start.mode {
        case .response(let timeout):
            let hold = ResponseHold(
                ResponseHold.Answer(head: start.head, body: start.body),
                channels: start.channels,
                meta: start.terms.meta,
                timeout: timeout,
                now: self.loop.now
            )
            self.jsonp = start.jsonp
            let held = HeldResponse(hold, driver: self, requestBody: start.requestBody, gone: gone)
            self.member = held
            held.begin()
        case .stream, .pages:
            let hold = StreamHold(
                channels: start.channels,
                terms: start.terms,
                waitingLimit: self.loop.limits.queuedItems,
                linkLimits: StreamHold.LinkLimits(
                    failures: UInt16(clamping: self.loop.limits.linkFailures),
                    pages: UInt32(clamping: self.loop.limits.linkedPages)
                ),
                now: self.loop.now
            )
            let links = start.terms.nextLink == nil && start.mode == .stream ? nil : self.linkContext(of: exchange)
            let held = HeldStream(hold, driver: self, links: links, gone: gone)
            self.member = held
            held.begin(start)
        }
    }

    /// Answers without a hold, because there is nobody left to publish or to wait.
    private func end(_ start: HoldStart, gone: GoneLink?) {
        gone.map(self.loop.follow)
        guard start.hasBegun else { return self.answerHeld(ResponseHold.Answer(head: start.head, body: start.body)) }
        self.sink.write(start.body)
        self.endStream()
    }

    private func linkContext(of exchange: ClientExchange) -> LinkContext {
        LinkContext(
            route: exchange.route,
            target: exchange.target,
            resolver: exchange.linkResolver,
            subscriptions: self.loop.limits.subscriptionsPerConnection
        )
    }

    /// Ends a long poll with an answer.
    func answerHeld(_ answer: ResponseHold.Answer) {
        self.member = nil
        if let jsonp {
            let script = jsonp.wrap(status: answer.head.status, fields: answer.head.headerFields, body: answer.body)
            return self.perform(.respond(ProxyReply(script)))
        }
        if answer.head.status.allowsBody {
            self.sink.begin(answer.head, .known(answer.body.readableBytes))
            self.sink.write(answer.body)
        } else {
            self.sink.begin(answer.head, .none)
        }
        self.sink.end(nil)
    }

    /// Ends a stream.
    func endStream() {
        self.member = nil
        self.sink.end(nil)
    }

    /// Ends the hold and asks the origin again.
    func retry(lastIDs: [HeaderPolicy.LastID], body: [ByteBuffer]) {
        self.member = nil
        self.begin(lastIDs: lastIDs, again: body)
        self.sink.flush()
    }
}

/// The machine in memory of its own, which most held connections do not need any more.
private final class Exchange {
    var machine: ClientExchange

    init(_ machine: ClientExchange) { self.machine = machine }
}

extension ExchangeDriver: OriginReceiver {
    var clientAddresses: InMemoryChannel.Addresses { self.owner.addresses }

    var needsWholeResponse: Bool { self.exchange?.machine.isCollecting ?? false }

    func originWritabilityChanged(_ isWritable: Bool) { self.run { $0.originWritabilityChanged(isWritable) } }

    func originHead(_ head: HTTPResponse) { self.run { $0.receiveHead(head) } }

    func originBody(_ bytes: ByteBuffer) { self.run { $0.receiveResponseBody(bytes) } }

    func originReadComplete() { self.sink.flush() }

    func originEnd(_ trailers: HTTPFields?) { self.run { $0.endResponse(trailers) } }

    func originFailed(_ failure: OriginFailure) {
        self.loop.counters.originFailures[failure.label, default: 0] += 1
        self.run { $0.originFailed(failure) }
    }
}
