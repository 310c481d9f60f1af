import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

/// What the client and the origins of one exchange see, and whether that makes sense.
struct ExchangeModel {
    /// A request to an origin.
    struct Call {
        var isWritable = false
        var wasWritable = false
        /// What of the client's body has arrived.
        var body = ""
        var isBodyEnded = false
        var hasHead = false
        var isRead = true
        /// The origin has answered to the end, or has failed.
        var isOver = false
        var wasUnreachable = false
    }

    enum Response: Equatable {
        case none
        case begun(BodyLength)
        case ended
        /// It is a hold from now on.
        case held
        /// Nobody waits for it.
        case lost
    }

    let position: WalkPosition
    private(set) var tally: [String: Int] = [:]
    let request: ClientRequest
    let targetCount: Int
    /// Whether instructions must stay here.
    let hidesInstructions: Bool
    let rememberedBody: Int

    /// What the client has sent.
    var body = ""
    var isBodyEnded = false
    private(set) var isClientRead = true
    var call: Call?
    private(set) var callCount = 0
    /// What the origin has sent, after its head.
    var originBody = ""
    private(set) var response = Response.none
    private(set) var written = ""

    init(
        _ request: ClientRequest,
        targetCount: Int,
        hidesInstructions: Bool,
        rememberedBody: Int,
        position: WalkPosition
    ) {
        self.request = request
        self.targetCount = targetCount
        self.hidesInstructions = hidesInstructions
        self.rememberedBody = rememberedBody
        self.position = position
    }

    /// Whether nothing more may come of it.
    var isOver: Bool {
        switch self.response {
        case .none, .begun: false
        case .ended, .held, .lost: true
        }
    }

    /// The client is gone.
    mutating func lose() {
        if !self.isOver { self.response = .lost }
    }

    // MARK: Actions

    mutating func perform(_ actions: [ClientExchange.Action]) {
        for action in actions {
            // Only the request to the origin may be left to be ended.
            let isAllowed = if case .cancelOrigin = action { true } else { !self.isOver }
            self.position.check(isAllowed, "\(action) after the end")
            self.perform(action)
            self.tally["\(action)".prefix { $0 != "(" }.description, default: 0] += 1
        }
        let isLeft = self.isOver && self.call.map { !$0.isOver } ?? false
        self.position.check(!isLeft, "a request to an origin is left")
        guard let call = self.call, call.isWritable, !call.isOver else { return }
        self.position.check(call.body == self.body, "the origin lacks a part of the body")
        self.position.check(call.isBodyEnded == self.isBodyEnded, "the origin does not hear of the end")
        self.position.check(self.isClientRead || self.isBodyEnded, "the client is not read")
    }

    private mutating func perform(_ action: ClientExchange.Action) {
        switch action {
        case .open: self.open()
        case .sendBody(let bytes):
            self.position.check(bytes.readableBytes > 0, "an empty piece is sent")
            self.position.check(self.call?.isWritable == true, "an origin that takes nothing is sent something")
            self.position.check(self.call?.isBodyEnded == false, "the body goes on after its end")
            self.call?.body += String(buffer: bytes)
            self.position.check(self.body.hasPrefix(self.call?.body ?? "-"), "the origin is sent another body")
        case .endBody:
            self.position.check(self.call?.isWritable == true, "an origin that takes nothing is sent something")
            self.position.check(self.call?.isBodyEnded == false, "the body ends twice")
            self.call?.isBodyEnded = true
            self.position.check(self.isBodyEnded && self.call?.body == self.body, "the body ends too early")
        case .cancelOrigin:
            self.position.check(self.call != nil, "there is nothing to be cancelled")
            self.call = nil
        case .readClient(let isRead):
            self.position.check(isRead != self.isClientRead && !self.isBodyEnded, "readClient(\(isRead)) in vain")
            self.isClientRead = isRead
        case .readOrigin(let isRead):
            self.position.check(self.call?.hasHead == true, "there is no response to be read")
            self.position.check(isRead != self.call?.isRead, "readOrigin(\(isRead)) twice")
            self.call?.isRead = isRead
        case .respond(let reply):
            self.begin(reply.head, .known(reply.body.readableBytes))
            self.response = .ended
        case .begin(let head, let length):
            self.begin(head, length)
            self.response = .begun(length)
        case .write(let bytes): self.write(bytes)
        case .end: self.end()
        case .abort:
            if case .begun = self.response {} else { self.position.check(false, "there is no response to be aborted") }
            self.response = .ended
        case .hold(let start): self.hold(start)
        case .decode: self.position.check(false, "nothing is coded")
        case .note: break
        }
    }

    private mutating func open() {
        self.position.check(self.call?.wasUnreachable ?? true, "two requests at once")
        self.callCount += 1
        self.position.check(self.callCount <= self.targetCount, "there are only \(self.targetCount) targets")
        self.call = Call()
    }

    private mutating func begin(_ head: HTTPResponse, _ length: BodyLength) {
        self.position.check(self.response == .none, "a second head")
        let names = head.headerFields.map(\.name.canonicalName)
        let isHidden = !names.contains { $0.hasPrefix("grip-") || $0 == "transfer-encoding" }
        self.position.check(isHidden || !self.hidesInstructions, "\(names)")
        guard length != .none else { return }
        self.position.check(!names.contains("content-length"), "a second length")
        self.position.check(head.status.allowsBody, "\(head.status) has no body")
    }

    private mutating func write(_ bytes: ByteBuffer) {
        guard case .begun(let length) = self.response else {
            return self.position.check(false, "a body without a head")
        }
        self.written += String(buffer: bytes)
        let room =
            switch length {
            case .none: 0
            case .known(let count): count
            case .untilEnd: Int.max
            }
        self.position.check(self.written.utf8.count <= room, "\(self.written) is more than \(length)")
    }

    private mutating func end() {
        guard case .begun(let length) = self.response else {
            return self.position.check(false, "an end without a head")
        }
        if case .known(let count) = length {
            self.position.check(self.written.utf8.count == count, "\(self.written) is not \(count) bytes")
        }
        self.response = .ended
    }

    private mutating func hold(_ start: HoldStart) {
        self.position.check(self.call?.isOver == true, "the origin is still speaking")
        self.position.check(self.request.method != .head && self.hidesInstructions, "it must not be held")
        if start.hasBegun {
            self.position.check(self.response == .begun(.untilEnd), "nothing has begun")
            self.position.check(start.body.readableBytes == 0, "the body is there already")
            self.position.check(self.written == self.originBody, "\(self.written) is not \(self.originBody)")
            self.tally["late hold", default: 0] += 1
        } else {
            let isStream = if case .response = start.mode { false } else { true }
            self.begin(start.head, isStream ? .untilEnd : .none)
        }
        let isWhole = self.isBodyEnded && self.body.utf8.count <= self.rememberedBody
        let remembered = start.requestBody.map { $0.map { String(buffer: $0) }.joined() }
        self.position.check(
            remembered == (isWhole ? self.body : nil),
            "\(String(describing: remembered)) is remembered"
        )
        self.response = .held
    }
}
