import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

/// A conversation over HTTP in which everything happens at random, beside a plain model of what must come of it.
struct OverHTTPWalk {
    private var relay: WebSocketOverHTTPRelay
    private var random: SplitMix64
    private(set) var model: ClientSideModel
    private let configuration: WebSocketRelayConfiguration

    private var now = EngineTime(milliseconds: 0)
    /// The request that the origin has not answered, or one that is sent again later.
    private var request: WebSocketOverHTTPRequest?
    private var isWaitingToRetry = false
    private var messageCount = 0
    /// What the client said and the origin has not accepted.
    private var pending: [WebSocketEvent] = []
    private var replayedByteCount = 0
    private var hasClientClosed = false
    /// Whether what the client says from now on goes to the origin.
    private var isOriginListening = true
    /// How often what is worth seeing was seen.
    private(set) var tally: [String: Int]

    var isFinished: Bool { self.model.isFinished }

    init(random: SplitMix64, tally: [String: Int] = [:]) {
        self.random = random
        self.tally = tally
        var configuration = WebSocketRelayConfiguration()
        configuration.implicitChannels = ["i", "j"]
        configuration.maximumSubscriptions = 4
        configuration.maximumPendingBytes = 400
        configuration.sendsOneEvent = Bool.random(using: &self.random)
        self.configuration = configuration
        self.model = ClientSideModel(implicitChannels: ["i", "j"], maximumSubscriptions: 4)
        let jitter = Duration.milliseconds(Int.random(in: 0..<1000, using: &self.random))
        self.relay = WebSocketOverHTTPRelay(Shared(configuration), connectionID: "id", jitter: jitter)
        self.perform(self.relay.start(now: self.now))
    }

    /// Hands the generator on to the next conversation.
    var generator: SplitMix64 { self.random }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<35: self.clientSpeaks()
        case 35..<37 where self.chance(50): self.clientCloses()
        case 37..<38 where self.chance(50): self.loseClient()
        case 38..<75: self.originAnswers()
        case 75..<79: self.requestFails()
        case 79..<88: self.publish()
        case 88..<90: self.perform(self.relay.setClientWritable(self.chance(70), now: self.now))
        case 90..<91 where self.chance(10): self.perform(self.relay.shutDown(.shutDown, now: self.now))
        default: self.letTimePass()
        }
        #expect(!self.isFinished || self.relay.nextDeadline == nil)
    }

    /// Ends the conversation as the world would: the client goes, and the origin answers what it is sent.
    mutating func end() {
        self.loseClient()
        for _ in 0..<1000 where !self.isFinished {
            if self.isWaitingToRetry { self.letTimePass() } else { self.originAnswers() }
        }
        #expect(self.isFinished, "the conversation does not end")
        for _ in 0..<3 {
            self.perform(self.relay.clientLost(now: self.now) + self.relay.shutDown(.shutDown, now: self.now))
            self.perform(self.relay.wake(at: self.now + .seconds(1_000_000)))
        }
    }

    // MARK: What happens

    private mutating func loseClient() {
        self.model.lose()
        self.isOriginListening = false
        self.perform(self.relay.clientLost(now: self.now))
    }

    private mutating func clientSpeaks() {
        guard self.model.phase == .open || self.model.phase == .closed, !self.hasClientClosed else { return }
        guard !self.model.isPaused || self.chance(5) else { return }
        self.messageCount += 1
        let size = self.chance(20) ? 0 : Int.random(in: 1...40, using: &self.random)
        let content = ByteBuffer(
            string: String("\(self.messageCount).xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".prefix(size))
        )
        let isHeard = self.model.phase == .open && self.isOriginListening
        switch Int.random(in: 0..<4, using: &self.random) {
        case 0: self.clientSays(.message(.text, content), isHeard ? .text(content) : nil)
        case 1: self.clientSays(.message(.binary, content), isHeard ? .binary(content) : nil)
        case 2: self.clientSays(.ping(content), isHeard ? .ping(content) : nil)
        default: self.clientSays(.pong(content), isHeard ? .pong(content) : nil)
        }
        let pendingByteCount = self.pending.reduce(0) { $0 + $1.contentByteCount }
        #expect(pendingByteCount <= self.configuration.maximumPendingBytes + 200)
    }

    private mutating func clientSays(_ output: WebSocketMessageReader.Output, _ event: WebSocketEvent?) {
        if let event { self.pending.append(event) }
        self.perform(self.relay.receive(output, now: self.now))
    }

    private mutating func clientCloses() {
        guard self.model.phase == .open || self.model.phase == .closed, !self.hasClientClosed else { return }
        self.hasClientClosed = true
        let close = WebSocketClose.sendable(try? WebSocketClose(.goingAway, reason: "why"))
        self.perform(self.relay.receive(self.chance(80) ? .close(close) : .violation(close), now: self.now))
    }

    private mutating func requestFails() {
        guard self.request != nil, !self.isWaitingToRetry else { return }
        let failure: WebSocketRequestFailure = self.chance(90) ? .neverSent : self.chance(50) ? .maybeSent : .tooLarge
        let isOpening = self.model.phase == .waiting
        if failure == .neverSent, !isOpening { self.isWaitingToRetry = true } else { self.request = nil }
        let actions = self.relay.requestFailed(failure, now: self.now)
        self.perform(actions)
        // Given up, after as many attempts as there are.
        if self.relay.nextDeadline == nil || !self.isRetryAwaited {
            (self.request, self.isWaitingToRetry) = (nil, false)
        }
    }

    /// Whether the relay still wants to send the request again, which only a copy that is woken late enough can tell.
    private var isRetryAwaited: Bool {
        var copy = self.relay
        return copy.wake(at: self.now + .seconds(20)).contains { if case .request = $0 { true } else { false } }
    }

    private mutating func publish() {
        let action: GRIPWebSocketMessage.Action =
            switch Int.random(in: 0..<20, using: &self.random) {
            case 0: .close(code: UInt16.random(in: 0...6000, using: &self.random), reason: "r")
            case 1...3: .refresh
            case 4: .hint
            case 5...7: .send(.ping, "p")
            default: .send(.text, "x")
            }
        let wasOpen = self.model.phase == .open && !self.hasClientClosed
        switch self.relay.deliver(action, now: self.now) {
        case .write:
            self.tally["write", default: 0] += 1
            self.model.write(isControl: true)
            #expect(wasOpen)
        case .skip: break
        case .overflow: Issue.record("nothing waits here")
        case .perform(let actions):
            self.perform(actions)
        }
    }

    private mutating func letTimePass() {
        let isLong = self.chance(60)
        if isLong, let deadline = self.relay.nextDeadline { self.now = max(self.now, deadline) }
        self.now = self.now + .milliseconds(Int.random(in: 0...2000, using: &self.random))
        self.perform(self.relay.wake(at: self.now))
        // Otherwise a timer would fire again and again.
        if let deadline = self.relay.nextDeadline { #expect(deadline > self.now) }
    }

    private mutating func originAnswers() {
        guard let request = self.request, !self.isWaitingToRetry else { return }
        self.request = nil
        var fields = HTTPFields()
        fields[.contentType] = self.chance(99) ? "application/websocket-events" : "text/plain"
        if self.chance(30) { fields[.keepAliveInterval] = ["0", "1", "25", "x"].randomElement(using: &self.random) }
        if self.chance(10) {
            fields.append(contentsOf: [HTTPField(name: .known("Set-Meta-A"), value: self.chance(50) ? "b" : "")])
        }
        fields[.secWebSocketExtensions] = "grip"
        self.accept(request, &fields)
        var body = ""
        if self.model.phase == .waiting, self.chance(95) { body = self.chance(80) ? "OPEN\r\n" : "" }
        for _ in 0..<Int.random(in: 0...3, using: &self.random) { body += self.originEvent() }
        let head = HTTPResponse(status: self.chance(99) ? .ok : .badGateway, headerFields: fields)
        let actions = self.relay.response(head, body: ByteBuffer(latin1: body), now: self.now)
        self.foresee(actions, body: body)
        self.perform(actions)
    }

    /// Notes that the origin has ended its part, so that the rest of what the client said is no longer for it.
    private mutating func foresee(_ actions: [WebSocketRelayAction], body: String) {
        let wasOpened = actions.contains { if case .accept = $0 { true } else { false } }
        let isClosed = actions.contains { if case .close = $0 { true } else { false } }
        let isDetached =
            body.contains("detach") && self.isOriginListening && !self.hasClientClosed
            && (wasOpened || self.model.phase == .open)
        guard isClosed || isDetached else { return }
        self.tally[isClosed ? "origin closes" : "detach", default: 0] += 1
        self.isOriginListening = false
        self.pending = []
        self.replayedByteCount = 0
    }

    /// Accepts a part of a request, in the model as well.
    private mutating func accept(_ request: WebSocketOverHTTPRequest, _ fields: inout HTTPFields) {
        let events = (try? WebSocketEvent.decode(request.body)) ?? []
        let total = events.reduce(0) { $0 + $1.contentByteCount }
        var rest = total
        if self.chance(40) {
            // A CLOSE is accepted whole or not at all.
            let closeSize = events.reduce(0) { if case .close = $1 { $0 + $1.contentByteCount } else { $0 } }
            rest = Int.random(in: 0...total, using: &self.random)
            if rest >= total - closeSize { rest = total }
            fields[.contentBytesAccepted] = String(rest)
        }
        self.replayedByteCount = total - rest
        if rest < total { self.tally["partial", default: 0] += 1 }
        let said = events.filter(\.isOfClient)
        guard said == Array(self.pending.prefix(said.count)) else {
            Issue.record("the origin was sent something else than the client said")
            return
        }
        if rest == 0, total > 0, said.first?.contentByteCount != 0, !self.isOriginListening {
            // Nothing more will come, so there is nothing that an origin could wait for.
            self.pending.removeFirst(said.count)
            self.replayedByteCount = 0
            return
        }
        for event in said {
            guard event.contentByteCount <= rest else {
                self.pending[0] = event.dropping(rest)
                return
            }
            rest -= event.contentByteCount
            self.pending.removeFirst()
        }
    }

    private mutating func originEvent() -> String {
        func control(_ json: String) -> String { "TEXT \(String(json.utf8.count + 2, radix: 16))\r\nc:\(json)\r\n" }
        let channel = ["a", "b", "c", "d", "i"].randomElement(using: &self.random) ?? ""
        switch Int.random(in: 0..<60, using: &self.random) {
        case 0: return "CLOSE 3\r\n\u{3}\u{E8}x\r\n"
        case 1 where self.chance(20): return "DISCONNECT\r\n"
        case 2 where self.chance(20): return "OPEN\r\n"
        case 3 where self.chance(20): return "broken"
        case 4: return control(#"{"type":"detach"}"#)
        case 5..<12: return control(#"{"type":"subscribe","channel":"\#(channel)"}"#)
        case 12..<18: return control(#"{"type":"unsubscribe","channel":"\#(channel)"}"#)
        case 18..<20:
            return control(
                #"{"type":"keep-alive","content":"k","timeout":\#(Int.random(in: 1...30, using: &self.random))}"#
            )
        case 20..<22: return control(#"{"type":"send-delayed","content":"d"}"#)
        case 22: return control(#"{"type":"flush-delayed"}"#)
        case 23..<30: return "PING 1\r\np\r\n"
        case 30..<34: return "BINARY 3\r\nm:b\r\n"
        case 34..<36: return "TEXT 4\r\nbare\r\n"
        default: return "TEXT 3\r\nm:t\r\n"
        }
    }

    // MARK: What comes of it

    private mutating func perform(_ actions: [WebSocketRelayAction]) {
        for action in actions {
            self.model.perform(action)
            switch action {
            case .request(let request): self.check(request)
            case .close, .drop: self.isOriginListening = false
            default: break
            }
            self.tally[String(action.line.prefix { $0 != " " }), default: 0] += 1
        }
    }

    private mutating func check(_ request: WebSocketOverHTTPRequest) {
        if self.isWaitingToRetry {
            self.isWaitingToRetry = false
            self.tally["retry", default: 0] += 1
            #expect(request.fields == self.request?.fields)
            #expect(request.body == self.request?.body)
            #expect(request.isFirst == self.request?.isFirst)
            return
        }
        #expect(self.request == nil, "two requests at once")
        self.request = request
        let events = (try? WebSocketEvent.decode(request.body)) ?? []
        if self.configuration.sendsOneEvent { #expect(events.count <= 1) }
        if let end = events.firstIndex(where: { $0 == .disconnect || $0.isClose }) {
            #expect(end == events.count - 1, "something is said after the end")
        }
        let said = events.filter(\.isOfClient)
        #expect(said == (self.configuration.sendsOneEvent ? Array(self.pending.prefix(1)) : self.pending))
        #expect((request.fields[.contentBytesReplayed].flatMap { Int($0) } ?? 0) == self.replayedByteCount)
    }
}

extension WebSocketEvent {
    fileprivate var isClose: Bool {
        if case .close = self { true } else { false }
    }

    /// Whether it is a message or a control frame of the client.
    fileprivate var isOfClient: Bool {
        switch self {
        case .text, .binary, .ping, .pong: true
        case .open, .close, .disconnect: false
        }
    }

    fileprivate func dropping(_ byteCount: Int) -> WebSocketEvent {
        func rest(_ content: ByteBuffer) -> ByteBuffer {
            content.getSlice(at: content.readerIndex + byteCount, length: content.readableBytes - byteCount) ?? content
        }
        return switch self {
        case .text(let content): .text(rest(content))
        case .binary(let content): .binary(rest(content))
        case .ping(let content): .ping(rest(content))
        case .pong(let content): .pong(rest(content))
        case .open, .close, .disconnect: self
        }
    }
}
