import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

/// An exchange in which the client and the origins do what they like, as far as HTTP lets them.
struct ExchangeWalk {
    private static let lines = [
        "* a:1", "* a:1 b:2 c:3", "*,prefix=p- a:1,sub=own b:2", "*,aco a:1", "*,aco a:1 b:2", "*,no_grip a:1 b:2",
        "*,debug a:1",
    ]
    /// What the origin says besides the body.
    private static let fields: [KeyValuePairs<String, String>] = [
        [:], [:], ["ETag": "1", "Keep-Alive": "5"], ["Grip-Hold": "stream", "Grip-Channel": "c"],
        ["Grip-Hold": "stream", "Grip-Channel": "c; prev-id=1", "Grip-Link": "</next>; rel=next"],
        ["Grip-Hold": "stream", "Grip-Channel": "c", "Grip-Link": "<ftp://x/>; rel=next"],
        ["Grip-Hold": "stream", "Grip-Channel": "c", "Grip-Link": "<mailto:x>; rel=gone"],
        ["Grip-Hold": "stream", "Grip-Channel": "c", "Grip-Status": "204"],
        ["Grip-Hold": "stream", "Grip-Channel": "c; filter=build-id", "Grip-Set-Meta": "id_format=x"],
        ["Grip-Hold": "response", "Grip-Channel": "c"], ["Grip-Hold": "nonsense"], ["Grip-Foo": "x"],
        ["Grip-Link": "</next>; rel=next"], ["Grip-Link": "<//>; rel=next"], ["Grip-Status": "304"],
        ["Content-Type": "application/grip-instruct"],
    ]
    private static let document = #"{"hold":{"mode":"stream","channels":[{"name":"c"}]},"response":{"body":"x"}}"#

    private var random: SplitMix64
    private(set) var model: ExchangeModel
    private var exchange: ClientExchange
    private let bodyCount: Int
    /// What the origin is going to say, or nothing before its head.
    private var response: (body: Substring, hasLength: Bool)?
    private var isClientWritable = true

    var generator: SplitMix64 { self.random }

    init?(random: SplitMix64, position: WalkPosition) {
        var random = random
        guard let line = Self.lines.randomElement(using: &random), let route = RouteFile.parse(line).routes.first else {
            return nil
        }
        var rules = ExchangeRules()
        (rules.rememberedBody, rules.instructedBody) = (20, 100)
        let method: HTTPRequest.Method = [.get, .post, .head].randomElement(using: &random) ?? .get
        let isScript = method == .get && Int.random(in: 0..<3, using: &random) == 0
        var request = ClientRequest(
            method: method,
            authority: "test",
            path: isScript ? "/?callback=cb" : "/",
            fields: [:],
            peerAddress: "192.0.2.1"
        )
        self.bodyCount = method == .post ? Int.random(in: 0...40, using: &random) : 0
        request.bodyLength = self.bodyCount > 0 ? .known(self.bodyCount) : .none
        request.isTrusted = Int.random(in: 0..<10, using: &random) == 0
        guard let prepared = try? ClientExchange.prepare(request, route: route, rules: rules) else { return nil }
        self.exchange = ClientExchange(prepared.request, route: route, jsonp: prepared.jsonp, rules: rules, token: nil)
        self.model = ExchangeModel(
            prepared.request,
            targetCount: route.targets.count,
            hidesInstructions: route.usesGRIP && !request.isTrusted,
            rememberedBody: rules.rememberedBody,
            position: position
        )
        self.random = random
        self.model.perform(self.exchange.begin())
        self.model.position.check(self.model.callCount == 1, "no origin is asked")
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }

    // MARK: What happens

    mutating func step() {
        self.model.position.step += 1
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<25: self.clientSends()
        case 25..<35: self.setOriginWritable()
        case 35..<38: self.originIsUnreachable()
        case 38 where self.chance(60): self.originFails()
        case 39..<75: self.originSpeaks()
        case 75..<90:
            self.isClientWritable.toggle()
            self.model.perform(self.exchange.clientWritabilityChanged(self.isClientWritable))
        case 90 where self.chance(40): self.loseClient()
        default: self.model.perform(self.exchange.clientWritabilityChanged(self.isClientWritable))
        }
        self.model.position.check(self.exchange.isEnded == self.model.isOver, "it has ended, but nobody was told")
        guard case .begun = self.model.response, let call = self.model.call else { return }
        self.model.position.check(call.isRead == self.isClientWritable, "the origin is read as fast as it likes")
    }

    private mutating func clientSends() {
        // What was on its way when reading stopped still comes.
        guard !self.model.isBodyEnded, self.model.isClientRead || self.chance(10) else { return }
        let sent = self.model.body.utf8.count
        guard sent < self.bodyCount else {
            self.model.isBodyEnded = true
            return self.model.perform(self.exchange.endBody(nil))
        }
        let piece = Self.text(sent..<min(self.bodyCount, sent + Int.random(in: 1...9, using: &self.random)))
        self.model.body += piece
        self.model.perform(self.exchange.receiveBody(ByteBuffer(string: piece)))
    }

    /// A text that is another one everywhere.
    private static func text(_ range: Range<Int>) -> String {
        String(range.map { Character(Unicode.Scalar(UInt8(33 + $0 % 90))) })
    }

    private mutating func setOriginWritable() {
        guard let call = self.model.call, !call.isOver else { return }
        let isWritable = !call.wasWritable || self.chance(70)
        self.model.call?.isWritable = isWritable
        self.model.call?.wasWritable = true
        self.model.perform(self.exchange.originWritabilityChanged(isWritable))
    }

    private mutating func originIsUnreachable() {
        guard let call = self.model.call, !call.isOver else { return }
        // A connection that was used before may turn out to be gone, and a new one cannot be made.
        guard !call.wasWritable || (self.bodyCount == 0 && !call.hasHead) else { return }
        self.model.call?.isOver = true
        self.model.call?.wasUnreachable = true
        let isLast = self.model.callCount == self.model.targetCount
        self.model.perform(self.exchange.originFailed(.unreachable("refused")))
        self.model.position.check(self.model.isOver == isLast, "the next target is not asked")
    }

    private mutating func originFails() {
        guard let call = self.model.call, !call.isOver else { return }
        self.model.call?.isOver = true
        let failures: [OriginFailure] = [.closed, .timedOut, .forbidden, .invalid("x")]
        self.model.perform(self.exchange.originFailed(failures.randomElement(using: &self.random) ?? .closed))
        self.model.position.check(self.model.isOver, "there is no answer")
    }

    private mutating func originSpeaks() {
        guard let call = self.model.call, !call.isOver, call.wasWritable else { return }
        guard let response = self.response else { return self.originBegins() }
        guard call.isRead || self.chance(10) else { return }
        guard !response.body.isEmpty, response.hasLength || self.chance(95) else {
            self.model.call?.isOver = true
            self.model.perform(self.exchange.endResponse(nil))
            return self.model.position.check(self.model.isOver, "there is no answer")
        }
        let piece = response.body.prefix(Int.random(in: 1...60, using: &self.random))
        self.response?.body = response.body.dropFirst(piece.count)
        self.model.originBody += piece
        self.model.perform(self.exchange.receiveResponseBody(ByteBuffer(substring: piece)))
    }

    private mutating func originBegins() {
        let statuses: [HTTPResponse.Status] = [.ok, .ok, .ok, .ok, .notFound, .noContent, .notModified]
        let status = statuses.randomElement(using: &self.random) ?? .ok
        var fields = HTTPFields.fields(Self.fields.randomElement(using: &self.random) ?? [:])
        var text = Self.text(0..<(self.chance(30) ? 0 : Int.random(in: 0...250, using: &self.random)))
        if GRIPInstruction.isDocument(fields), self.chance(70) { text = Self.document }
        let hasLength = self.chance(50) && status.allowsBody
        if hasLength { fields[.contentLength] = String(text.utf8.count) }
        let hasBody = self.model.request.method != .head && status.allowsBody
        self.response = (hasBody ? text[...] : "", hasLength)
        self.model.call?.hasHead = true
        self.model.perform(self.exchange.receiveHead(HTTPResponse(status: status, headerFields: fields)))
    }

    private mutating func loseClient() {
        let wasOver = self.model.isOver
        self.model.lose()
        let actions = self.exchange.clientLost()
        self.model.position.check(actions == (wasOver ? [] : [.cancelOrigin]), "\(actions)")
        self.model.call = nil
    }

    /// Lets everything happen that could still happen, which must come to nothing.
    mutating func end() {
        if !self.model.isOver { self.loseClient() }
        self.model.call = nil
        for _ in 0..<2 {
            var exchange = self.exchange
            let actions =
                exchange.clientWritabilityChanged(!self.isClientWritable) + exchange.originWritabilityChanged(true)
                + exchange.receiveBody("x") + exchange.receiveHead(HTTPResponse(status: .ok))
                + exchange.receiveResponseBody("x") + exchange.originFailed(.unreachable("x"))
                + exchange.endBody(nil) + exchange.endResponse(nil) + exchange.clientLost()
            self.model.position.check(actions.isEmpty && exchange.isEnded, "\(actions) after the end")
        }
    }
}
