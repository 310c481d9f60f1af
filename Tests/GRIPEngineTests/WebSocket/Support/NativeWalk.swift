import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

/// A conversation between two WebSockets in which everything happens at random, beside a plain model of it.
struct NativeWalk {
    private var relay: NativeWebSocketRelay
    private var random: SplitMix64
    private(set) var model: ClientSideModel
    private(set) var tally: [String: Int]
    private let isGRIP: Bool

    private var now = EngineTime(milliseconds: 0)
    private var hasClientClosed = false
    private var isClientMidMessage = false
    private var isOriginMidMessage = false
    private var isOriginOpen = false
    private var isOriginGone = false
    private var hasSentOriginClose = false
    /// What was published while the client had a part of a message.
    private var waiting: [String] = []
    private var publishedCount = 0

    var isFinished: Bool { self.model.isFinished }
    var generator: SplitMix64 { self.random }

    init(random: SplitMix64, tally: [String: Int] = [:]) {
        self.random = random
        self.tally = tally
        self.isGRIP = Int.random(in: 0..<4, using: &self.random) > 0
        var configuration = WebSocketRelayConfiguration()
        configuration.implicitChannels = ["i", "j"]
        configuration.maximumSubscriptions = 4
        configuration.maximumQueuedBytes = 260
        self.model = ClientSideModel(implicitChannels: ["i", "j"], maximumSubscriptions: 4)
        let jitter = Duration.milliseconds(Int.random(in: 0..<1000, using: &self.random))
        self.relay = NativeWebSocketRelay(Shared(configuration), jitter: jitter)
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }

    mutating func step() {
        guard self.model.phase != .waiting else { return self.originAnswersHandshake() }
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<25: self.clientSpeaks()
        case 25..<27 where self.chance(30): self.clientCloses()
        case 27..<28 where self.chance(30): self.loseClient()
        case 28..<65: self.originSpeaks()
        case 65..<67 where self.chance(30): self.originCloses()
        case 67..<68 where self.chance(30): self.loseOrigin()
        case 68..<69 where self.chance(20): self.perform(self.relay.shutDown(.shutDown, now: self.now))
        case 69..<88: self.publish()
        default: self.letTimePass()
        }
        #expect(!self.isFinished || self.relay.nextDeadline == nil)
    }

    /// Ends the conversation as the world would: the client goes, and the origin goes or time passes.
    mutating func end() {
        if self.chance(50) { self.loseClient() } else { self.perform(self.relay.shutDown(.shutDown, now: self.now)) }
        for _ in 0..<20 where !self.isFinished {
            if let deadline = self.relay.nextDeadline { self.now = max(self.now, deadline) }
            self.perform(self.relay.wake(at: self.now))
        }
        #expect(self.isFinished, "the conversation does not end")
        self.perform(self.relay.clientLost(now: self.now) + self.relay.originLost(now: self.now))
        self.perform(
            self.relay.shutDown(.shutDown, now: self.now) + self.relay.wake(at: self.now + .seconds(1_000_000))
        )
    }

    // MARK: What happens

    private mutating func originAnswersHandshake() {
        let fields = HTTPFields.fields(self.isGRIP ? ["Sec-WebSocket-Extensions": "grip"] : [:])
        switch Int.random(in: 0..<20, using: &self.random) {
        case 0:
            self.isOriginGone = true
            self.perform(self.relay.originRejected(HTTPResponse(status: .forbidden), body: ByteBuffer()))
        case 1: self.loseOrigin()
        case 2: self.loseClient()
        default:
            self.isOriginOpen = true
            self.perform(self.relay.originAccepted(fields, now: self.now))
        }
    }

    private mutating func loseClient() {
        self.model.lose()
        self.perform(self.relay.clientLost(now: self.now))
    }

    private mutating func loseOrigin() {
        self.isOriginGone = true
        self.perform(self.relay.originLost(now: self.now))
    }

    private mutating func clientSpeaks() {
        guard self.model.phase == .open || self.model.phase == .closed, !self.hasClientClosed else { return }
        let output: WebSocketFrameReader.Output
        if self.chance(20) {
            output = self.chance(50) ? .ping(ByteBuffer(string: "p")) : .pong(ByteBuffer())
        } else {
            let isFinal = self.chance(60)
            output = .fragment(self.isClientMidMessage ? nil : .text, isFinal: isFinal, ByteBuffer(string: "c:x"))
            self.isClientMidMessage = !isFinal
        }
        let actions = self.relay.receiveFromClient(output, now: self.now)
        if self.isOriginOpen, self.model.phase == .open { #expect(actions.count == 1) }
        self.perform(actions)
    }

    private mutating func clientCloses() {
        guard self.model.phase == .open || self.model.phase == .closed, !self.hasClientClosed else { return }
        self.hasClientClosed = true
        let output: WebSocketFrameReader.Output =
            self.chance(80) ? .closed(4000, "bye") : .violation(WebSocketClose.sendable(nil))
        self.perform(self.relay.receiveFromClient(output, now: self.now))
    }

    private mutating func originSpeaks() {
        guard !self.isOriginGone, !self.hasSentOriginClose else { return }
        if self.chance(10) { return self.perform(self.relay.receiveFromOrigin(.ping(ByteBuffer()), now: self.now)) }
        let channel = ["a", "a", "b", "i"].randomElement(using: &self.random) ?? ""
        let texts = [
            "m:x", "m", ":", "", "bare", "c", "c:", #"c:{"type":"subscribe","channel":"\#(channel)"}"#,
            #"c:{"type":"unsubscribe","channel":"\#(channel)"}"#, #"c:{"type":"keep-alive","content":"k","timeout":2}"#,
            #"c:{"type":"send-delayed","content":"d"}"#, self.chance(10) ? #"c:{"type":"detach"}"# : "m:y",
        ]
        let isFinal = self.chance(self.isOriginMidMessage ? 40 : 80)
        let kind: WebSocketMessageKind? = self.isOriginMidMessage ? nil : self.chance(80) ? .text : .binary
        let payload = ByteBuffer(string: texts.randomElement(using: &self.random) ?? "")
        self.isOriginMidMessage = !isFinal
        self.perform(
            self.relay.receiveFromOrigin(.fragment(kind, isFinal: isFinal, payload), now: self.now)
        )
    }

    private mutating func originCloses() {
        guard !self.isOriginGone, !self.hasSentOriginClose, self.isOriginOpen || self.chance(50) else { return }
        self.hasSentOriginClose = true
        let output: WebSocketFrameReader.Output =
            self.chance(80) ? .close(nil) : .violation(WebSocketClose.sendable(nil))
        self.perform(self.relay.receiveFromOrigin(output, now: self.now))
    }

    private mutating func publish() {
        let action: GRIPWebSocketMessage.Action
        var text: String?
        switch Int.random(in: 0..<40, using: &self.random) {
        case 0: action = .close(code: 4000, reason: "r")
        case 1: action = .refresh
        case 2: action = .hint
        case 3..<8: action = .send(.pong, "p")
        default:
            self.publishedCount += 1
            text = "published \(self.publishedCount)"
            action = .send(.text, .text("published \(self.publishedCount)"))
        }
        let isOpen = self.model.phase == .open && !self.hasClientClosed
        switch self.relay.deliver(action, now: self.now) {
        case .write:
            self.model.write(isControl: text == nil)
            #expect(isOpen && self.waiting.isEmpty || text == nil, "a message overtakes others")
            self.tally["write", default: 0] += 1
        case .skip:
            if isOpen, let text { self.waiting.append(text) }
        case .overflow:
            #expect(self.model.isMidMessage)
            self.tally["overflow", default: 0] += 1
        case .perform(let actions): self.perform(actions)
        }
    }

    private mutating func letTimePass() {
        if self.chance(30), let deadline = self.relay.nextDeadline { self.now = max(self.now, deadline) }
        self.now = self.now + .milliseconds(Int.random(in: 0...500, using: &self.random))
        self.perform(self.relay.wake(at: self.now))
        if let deadline = self.relay.nextDeadline { #expect(deadline > self.now) }
    }

    // MARK: What comes of it

    private mutating func perform(_ actions: [WebSocketRelayAction]) {
        for action in actions {
            self.model.perform(action)
            self.tally[action.line, default: 0] += 1
            switch action {
            case .sendToOrigin: #expect(self.isOriginOpen, "\(action.line)")
            case .closeOrigin:
                #expect(self.isOriginOpen)
                self.isOriginOpen = false
            case .dropOrigin:
                #expect(!self.isOriginGone)
                self.isOriginOpen = false
                self.isOriginGone = true
            case .send(let frame) where frame.payload.latin1.hasPrefix("published"):
                #expect(self.waiting.first == frame.payload.latin1)
                self.waiting.removeFirst(min(1, self.waiting.count))
            case .finished: #expect(self.isOriginGone)
            default: break
            }
        }
        if self.model.phase != .open { self.waiting = [] }
    }
}
