import GRIPEngine
import HTTPTypes
import Logging
import NIOCore

/// A client's connection while it speaks HTTP/1.
///
/// Requests are served one after the other; those that come early wait, and while one waits nothing more is read.
final class HTTP1ClientHandler: ChannelDuplexHandler, RemovableChannelHandler, SocketWriter {
    typealias InboundIn = HTTP1RequestReader.Part
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// What the connection is waiting for.
    enum Phase {
        /// For a request, until a time.
        case idle(until: EngineTime)
        case exchange(ExchangeDriver)
        /// For the origin's word on a WebSocket.
        case handshake(HeldWebSocket)
        /// For the rest of a request that was answered before its end, until a time.
        case draining(until: EngineTime)
        case closed
    }

    /// How many requests of a client are taken at once.
    static let requestsPerTurn = 32
    /// How many parts of requests wait at most; what follows them stays as it came, which takes far less memory.
    static let maximumWaiting = 16
    /// How long a client that is told that nothing follows may go on sending.
    private static let lingering = Duration.seconds(5)

    let loop: ProxyLoop
    let id: UInt64
    let isOverTLS: Bool
    var context: ChannelHandlerContext?
    var phase: Phase
    var waiting: CircularBuffer<HTTP1RequestReader.Part>?
    var isRequestEnded = true
    var isResponseBegun = false
    var isResponseEnded = true
    var isReading = true
    var hasPendingRead = false
    var isInputClosed = false
    /// Whether the request asks for another protocol.
    ///
    /// The decoder does not read what follows it, so that all of that would stay there.
    private var asksForUpgrade = false
    /// Whether the last response is with the system, and the client knows that none follows.
    private var isOutputClosed = false
    /// As the channel has said last: asking it for each item takes longer.
    private(set) var isWritable = true
    var needsFlush = false
    var output = SocketOutput()
    /// What has come of a body since the last pause.
    private var body = BodyJoiner()
    private(set) var budget = ReadBudget()
    /// How many requests have begun in this turn.
    private var requestsInTurn = 0
    /// Whether the next request has to wait because there were too many at once.
    private var isWaitingForTurn = false
    private var isTakingWaiting = false
    var keepsAlive = true
    /// Whether there has been no request.
    private var isFirst = true
    /// Whether a part of the next head has come.
    private var hasHeadBegun = false
    /// Whether anything whole has come since the last pause.
    private var hasTakenPart = false
    var hasNamedLeftOutChannel = false
    var access: AccessRecord?
    /// Why the connection ends, as soon as somebody has said so.
    private var end: ConnectionEnd?
    var isHTTP10 = false
    var isHead = false
    var framing = HTTP1Framing.none
    /// Until when more of a body has to come.
    var bodyPace: BodyPace?
    /// When a client that reads nothing is given up.
    var writeDeadline: EngineTime?
    /// The earliest time at which the loop wakes this.
    var scheduled: EngineTime?
    /// Nothing while there is a ``PlainInputHandler``.
    var decoder: HTTP1RequestDecoder?
    /// What a client that wants a WebSocket has said.
    var handshake: WebSocketHandshake?
    private(set) lazy var peerAddress = self.context?.channel.remoteAddress?.ipAddress ?? "127.0.0.1"

    init(loop: ProxyLoop, isOverTLS: Bool) {
        self.loop = loop
        self.id = loop.makeID()
        self.isOverTLS = isOverTLS
        self.phase = .idle(until: loop.now + loop.timeouts.requestHead)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if !self.isOverTLS { self.output = SocketOutput(past: context.channel) }
        self.loop.add(self)
        self.reschedule()
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        self.lost()
        context.fireChannelInactive()
    }

    /// Forgets everything after the end of the connection.
    private func lost() {
        let phase = self.phase
        self.phase = .closed
        self.waiting = nil
        self.endAccess(.clientGone)
        self.loop.remove(self)
        switch phase {
        case .exchange(let driver): driver.clientLost(self.end ?? .clientGone)
        case .handshake(let conversation): conversation.clientLost(self.end ?? .clientGone)
        case .idle, .draining, .closed: break
        }
    }

    func close(_ end: ConnectionEnd) {
        if case .closed = self.phase { return }
        self.access?.willEnd(end)
        if self.end == nil { self.end = end }
        self.context?.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.close(self.loop.noteDead(error, self.id) ? .clientTimedOut : .clientGone)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as ChannelEvent where event == .inputClosed: self.inputClosed()
        case let event as PlainInputHandler.Input: return self.receive(event.bytes)
        case is ChannelShouldQuiesceEvent: self.quiesce()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The server that accepted the connection is about to end.
    private func quiesce() {
        let isHeld = self.member != nil
        self.loop.beginShutdown(over: self.loop.timeouts.drain)
        // One that came after the beginning is not among those that the loop has told.
        if !isHeld { self.shutDown(.shutDown) }
    }

    /// Whether there are no further requests.
    var isInputOver: Bool { self.isInputClosed && self.waiting == nil }

    /// The client sends nothing more.
    ///
    /// It still gets what it has asked for, but a hold has nobody to wait for.
    private func inputClosed() {
        self.isInputClosed = true
        self.endInput()
    }

    private func endInput() {
        switch self.phase {
        case .exchange(let driver) where !driver.isHeld && self.isRequestEnded:
            if self.isInputOver { self.keepsAlive = false }
            driver.clientInputClosed()
        case .idle: if self.isInputOver { self.finishLast() }
        case .draining where !self.isOutputClosed: break
        case .exchange, .handshake, .draining: self.close(.clientGone)
        case .closed: break
        }
    }

    /// Ends the connection when what it is doing is done.
    func shutDown(_ end: ConnectionEnd) {
        self.keepsAlive = false
        switch self.phase {
        case .idle: self.finishLast()
        case .draining where self.isOutputClosed: self.close(.complete)
        case .exchange(let driver):
            if driver.isHeld { self.access?.willEnd(end) }
            driver.shutDown(end)
        case .handshake(let conversation): conversation.shutDown(end)
        case .draining, .closed: break
        }
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = self.unwrapInboundIn(data)
        self.hasTakenPart = true
        self.budget.spend(part.cost)
        if self.waiting == nil, self.isBehindRequest(part) { self.waitForTurnIfNeeded() }
        if self.waiting != nil || (self.isBehindRequest(part) && !self.canBegin) {
            if self.waiting == nil { self.waiting = CircularBuffer() }
            self.waiting?.append(part)
            if let waiting, waiting.count >= Self.maximumWaiting { self.decoder?.isPaused = true }
        } else {
            self.take(part)
        }
    }

    /// Whether the next request may begin.
    ///
    /// Answers would pile up if a client could ask for more without reading those it has got.
    private var canBegin: Bool {
        self.isRequestEnded && self.isResponseEnded && self.isWritable && !self.isWaitingForTurn
    }

    /// Whether a part is not of the request that is being served.
    private func isBehindRequest(_ part: HTTP1RequestReader.Part) -> Bool {
        switch part {
        case .head: true
        case .malformed: self.isRequestEnded
        case .body, .end: false
        }
    }

    private func take(_ part: HTTP1RequestReader.Part) {
        switch part {
        case .head(let head): self.begin(head)
        case .body(let bytes, _):
            guard case .exchange = self.phase else { return }
            if let first = self.body.add(bytes) { self.pass(first) }
        case .end(let trailers):
            self.passBody()
            self.isRequestEnded = true
            self.bodyPace = nil
            switch self.phase {
            case .exchange(let driver): driver.endBody(trailers)
            case .draining where self.isOutputClosed: self.close(.complete)
            case .draining, .handshake, .idle, .closed: break
            }
            self.finishIfDone()
        case .malformed(let problem): self.takeMalformed(problem)
        }
    }

    /// Passes on what has come of a body.
    private func passBody() {
        if let bytes = self.body.take() { self.pass(bytes) }
    }

    private func pass(_ bytes: ByteBuffer) {
        guard case .exchange(let driver) = self.phase, !self.isRequestEnded else { return }
        self.bodyPace?.received(bytes.readableBytes, now: self.loop.now)
        driver.receiveBody(bytes)
    }

    /// Takes word that what follows is not a request, or not the rest of one.
    private func takeMalformed(_ problem: HTTP1Problem) {
        switch self.phase {
        case .idle:
            self.prepare()
            self.isHead = false
        case .exchange(let driver) where !self.isRequestEnded && !self.isResponseBegun:
            // Its origin has got a part of a request that nobody knows the rest of.
            driver.clientLost(.refused)
        // What nobody reads any more may be anything.
        case .draining, .closed: return
        case .exchange, .handshake: return self.close(.refused)
        }
        self.loop.log(problem, of: self.id)
        // There may be more of it.
        self.isRequestEnded = false
        self.refuse(problem.reply)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.passBody()
        // Requests that wait are served in this turn of the loop, too, when answers are there at once.
        if self.waiting == nil { self.requestsInTurn = 0 }
        if self.budget.endRead(of: context.channel) { self.loop.counters.readsLimited += 1 }
        // NIO does not expect that a client's end is read and a flush finds out about the same end.
        if self.hasTakenPart { self.flushIfNeeded() }
        self.noteBegunHead()
        self.reschedule()
        context.fireChannelReadComplete()
    }

    /// Gives a head that comes in pieces its own time, as soon as there is a piece of it.
    private func noteBegunHead() {
        defer { self.hasTakenPart = false }
        guard case .idle = self.phase, !self.isFirst, !self.hasHeadBegun, !self.hasTakenPart else { return }
        self.hasHeadBegun = true
        self.phase = .idle(until: self.loop.now + self.loop.timeouts.requestHead)
    }

    private var takesInput: Bool {
        guard self.isReading, self.waiting == nil, !self.asksForUpgrade || !self.isRequestEnded else { return false }
        if case .idle = self.phase { return self.canBegin }
        return true
    }

    func read(context: ChannelHandlerContext) {
        if self.takesInput { context.read() } else { self.hasPendingRead = true }
    }

    func readAgain() {
        guard self.takesInput, self.hasPendingRead else { return }
        self.hasPendingRead = false
        self.context?.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        self.isWritable = isWritable
        self.writeDeadline = isWritable ? nil : self.loop.now + self.loop.timeouts.clientWrite
        if case .exchange(let driver) = self.phase { driver.clientWritabilityChanged(isWritable) }
        self.flushIfNeeded()
        if isWritable, case .idle = self.phase {
            self.takeWaiting()
            self.readAgain()
        }
        self.reschedule()
        context.fireChannelWritabilityChanged()
    }

    // MARK: One request after the other

    private func begin(_ head: HTTP1RequestHead) {
        guard case .idle = self.phase else { return }
        self.prepare()
        self.isHTTP10 = head.isHTTP10
        self.isHead = head.method == .head
        if !head.keepsAlive { self.keepsAlive = false }
        switch self.admission.decide(head) {
        case .refuse(let reply): return self.refuse(reply)
        case .take(let request):
            // The decoder stops at each request that asks for another protocol.
            if head.upgrade != nil {
                self.keepsAlive = false
                self.asksForUpgrade = true
            }
            if head.upgrade == .webSocket { return self.beginWebSocket(self.trusting(request)) }
            self.begin(self.trusting(request))
        }
        // Whoever waits for leave to send a body gets it, unless there is an answer already.
        if head.expectsContinue, !self.isResponseEnded, case .exchange = self.phase {
            self.writeRaw(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
            self.flush()
        }
    }

    /// Whether a request may be read without the decoder.
    var canTakePlainRequest: Bool {
        guard case .idle = self.phase else { return false }
        return self.waiting == nil && self.canBegin
    }

    /// Takes a request that is read as a whole.
    func begin(_ head: PlainRequestHead) {
        self.hasTakenPart = true
        self.budget.spend(ReadBudget.Cost.message)
        self.prepare()
        self.isHTTP10 = false
        self.isHead = false
        self.begin(self.trusting(self.admission.request(head)))
        self.take(.end(nil))
    }

    private func prepare() {
        self.requestsInTurn += 1
        self.isFirst = false
        self.hasHeadBegun = false
        self.isRequestEnded = false
        self.isResponseBegun = false
        self.isResponseEnded = false
        self.keepsAlive = !self.isInputOver && !self.loop.isShuttingDown
    }

    private var admission: RequestAdmission {
        RequestAdmission(peerAddress: self.peerAddress, isOverTLS: self.isOverTLS)
    }

    /// The request with whether a proxy has signed it.
    private func trusting(_ request: ClientRequest) -> ClientRequest {
        var request = request
        request.isTrusted = self.loop.isTrusted(request.fields)
        return request
    }

    private func begin(_ request: ClientRequest) {
        self.access = self.loop.access?.begin(request, connection: self.id, client: self.peerAddress)
        let driver = ExchangeDriver(request, loop: self.loop, sink: self, owner: self)
        self.phase = .exchange(driver)
        self.bodyPace = self.makeBodyPace()
        driver.begin()
    }

    func makeBodyPace() -> BodyPace {
        BodyPace(pause: self.loop.timeouts.requestBody, rate: self.loop.limits.requestBodyRate, now: self.loop.now)
    }

    var addresses: InMemoryChannel.Addresses {
        let channel = self.context?.channel
        return InMemoryChannel.Addresses(local: channel?.localAddress, remote: channel?.remoteAddress)
    }

    /// Answers a request that goes nowhere, and ends the connection.
    func refuse(_ reply: ProxyReply) {
        if reply.head.status == .requestHeaderFieldsTooLarge {
            self.loop.counters.headsTooLarge += 1
        } else {
            self.loop.counters.badRequests += 1
        }
        if self.access == nil {
            self.access = self.loop.access?.begin(nil, connection: self.id, client: self.peerAddress)
        }
        self.access?.reason = .refused
        self.keepsAlive = false
        self.isResponseEnded = false
        self.begin(reply.head, .known(reply.body.readableBytes))
        self.write(reply.body)
        self.end(nil)
        self.flush()
    }

    /// Goes on with the next request when this one is over.
    func finishIfDone() {
        guard self.isResponseEnded else { return }
        guard self.keepsAlive, self.isRequestEnded else { return self.finishLast() }
        guard case .exchange = self.phase else { return }
        self.phase = .idle(until: self.loop.now + self.loop.timeouts.keepAlive)
        self.bodyPace = nil
        self.isReading = true
        self.takeWaiting()
        self.readAgain()
        self.reschedule()
    }

    private func takeWaiting() {
        // An answer that is there at once leads back here.
        guard !self.isTakingWaiting else { return }
        self.isTakingWaiting = true
        while let part = self.waiting?.first {
            if self.isBehindRequest(part) {
                self.waitForTurnIfNeeded()
                guard self.canBegin else { break }
            }
            self.waiting?.removeFirst()
            if self.waiting?.isEmpty == true {
                // What the decoder has kept comes before it counts that nothing waits.
                if let decoder, decoder.isPaused { decoder.resume() }
                if self.waiting?.isEmpty == true { self.waiting = nil }
            }
            self.take(part)
        }
        self.isTakingWaiting = false
        self.passBody()
        if self.isInputClosed { self.endInput() }
    }

    /// Leaves time for others after many requests.
    func waitForTurnIfNeeded() {
        guard self.requestsInTurn >= Self.requestsPerTurn, !self.isWaitingForTurn, self.canBegin else { return }
        self.isWaitingForTurn = true
        self.loop.turns.addAfterEvents(self)
    }

    /// Ends the connection after its last response.
    ///
    /// A client that still sends would lose the response if the connection were closed at once.
    private func finishLast() {
        switch self.phase {
        case .draining, .closed: return
        case .idle, .exchange, .handshake: break
        }
        guard let context = self.context else { return }
        self.phase = .draining(until: self.loop.now + self.loop.timeouts.clientWrite)
        self.bodyPace = nil
        self.flushOutput(in: context) { self.sentLast() }
        self.isReading = true
        self.readAgain()
        self.reschedule()
    }

    private func sentLast() {
        guard case .draining = self.phase else { return }
        if self.isRequestEnded || self.isInputClosed { return self.close(.complete) }
        self.isOutputClosed = true
        self.phase = .draining(until: self.loop.now + Self.lingering)
        self.context?.close(mode: .output, promise: nil)
        self.reschedule()
    }

    /// Tells the access log that a request is over.
    func endAccess(_ end: ConnectionEnd) {
        self.access?.finish(end)
        self.access = nil
    }

    // MARK: Time

    /// When this is to be woken.
    var nextDeadline: EngineTime? {
        let phase: EngineTime? =
            switch self.phase {
            case .idle(let deadline), .draining(let deadline): deadline
            case .exchange(let driver): driver.nextDeadline
            case .handshake(let conversation): conversation.nextDeadline
            case .closed: nil
            }
        return .earlier(.earlier(phase, self.bodyPace?.deadline), self.writeDeadline)
    }

    func reschedule() { self.loop.schedule(self) }
}

extension HTTP1ClientHandler: ProxyClient {
    func wake(at now: EngineTime) {
        if let bodyPace, now >= bodyPace.deadline { return self.timeOut(bodyPace.isAboutRate ? .rate : .body) }
        if let writeDeadline, now >= writeDeadline { return self.timeOut(.write) }
        switch self.phase {
        case .idle(let deadline) where now >= deadline: self.timeOut(self.isFirst || self.hasHeadBegun ? .head : .idle)
        case .draining(let deadline) where now >= deadline: self.timeOut(self.isOutputClosed ? .body : .write)
        case .exchange(let driver): driver.wake(at: now)
        case .handshake(let conversation): conversation.wake(at: now)
        case .idle, .draining, .closed: break
        }
        self.flushIfNeeded()
    }

    private func timeOut(_ reason: ClientTimeout) {
        self.loop.timedOut(self.id, reason)
        self.close(.clientTimedOut)
    }

    var member: HeldMember? {
        if case .exchange(let driver) = self.phase { driver.member } else { nil }
    }
}

extension HTTP1ClientHandler: TurnTaker {
    func takeTurn() -> Bool {
        self.isWaitingForTurn = false
        self.requestsInTurn = 0
        guard case .idle = self.phase else { return false }
        self.takeWaiting()
        self.readAgain()
        self.flushIfNeeded()
        self.reschedule()
        return false
    }
}

extension HTTP1RequestReader.Part {
    /// What it takes, see ``ReadBudget``.
    fileprivate var cost: Int {
        switch self {
        case .head: ReadBudget.Cost.message
        case .body(_, let pieces): pieces * ReadBudget.Cost.piece
        case .end, .malformed: 0
        }
    }
}
