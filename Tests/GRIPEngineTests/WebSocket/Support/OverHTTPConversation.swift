import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore

/// A relay over HTTP with a clock that only moves when it is told to.
struct OverHTTPConversation {
    var relay: WebSocketOverHTTPRelay
    var milliseconds: Int64 = 0
    /// The fields of the last request.
    private(set) var requestFields = HTTPFields()

    var now: EngineTime { EngineTime(milliseconds: self.milliseconds) }

    init(_ configuration: WebSocketRelayConfiguration = .init(), jitter: Duration = .zero) {
        self.relay = WebSocketOverHTTPRelay(Shared(configuration), connectionID: "id", jitter: jitter)
    }

    /// A conversation that the origin has opened, with GRIP unless other fields are given.
    static func opened(
        _ configuration: WebSocketRelayConfiguration = .init(),
        jitter: Duration = .zero,
        fields: KeyValuePairs<String, String> = ["Sec-WebSocket-Extensions": "grip"],
        events: String = "OPEN\r\n"
    ) -> OverHTTPConversation {
        var conversation = OverHTTPConversation(configuration, jitter: jitter)
        _ = conversation.start()
        _ = conversation.answer(events, fields)
        return conversation
    }

    private mutating func note(_ actions: [WebSocketRelayAction]) -> [String] {
        for case .request(let request) in actions { self.requestFields = request.fields }
        return actions.lines
    }

    mutating func start() -> [String] { self.note(self.relay.start(now: self.now)) }

    mutating func client(_ output: WebSocketMessageReader.Output) -> [String] {
        self.note(self.relay.receive(output, now: self.now))
    }

    mutating func text(_ text: String) -> [String] { self.client(.message(.text, ByteBuffer(latin1: text))) }

    mutating func close(_ code: WebSocketCloseCode, _ reason: String = "") -> [String] {
        self.client(.close(WebSocketClose.sendable((try? WebSocketClose(code, reason: reason)))))
    }

    /// The origin answers with events, unless there are fields that say otherwise.
    mutating func answer(
        _ events: String,
        _ fields: KeyValuePairs<String, String> = [:],
        status: HTTPResponse.Status = .ok
    ) -> [String] {
        var fields = HTTPFields.fields(fields)
        if fields[.contentType] == nil { fields[.contentType] = "application/websocket-events" }
        let head = HTTPResponse(status: status, headerFields: fields)
        return self.note(self.relay.response(head, body: ByteBuffer(latin1: events), now: self.now))
    }

    mutating func fail(_ failure: WebSocketRequestFailure) -> [String] {
        self.note(self.relay.requestFailed(failure, now: self.now))
    }

    mutating func lose() -> [String] { self.note(self.relay.clientLost(now: self.now)) }

    mutating func shutDown(_ end: ConnectionEnd = .shutDown) -> [String] {
        self.note(self.relay.shutDown(end, now: self.now))
    }

    mutating func writable(_ isWritable: Bool) -> [String] {
        self.note(self.relay.setClientWritable(isWritable, now: self.now))
    }

    mutating func publish(_ action: GRIPWebSocketMessage.Action) -> [String] {
        switch self.relay.deliver(action, now: self.now) {
        case .write: ["write"]
        case .skip: []
        case .overflow: ["overflow"]
        case .perform(let actions): self.note(actions)
        }
    }

    /// Lets time pass, and wakes the relay whenever it wants to be.
    mutating func wait(_ duration: Int64) -> [String] {
        let end = self.milliseconds + duration
        var lines: [String] = []
        while let deadline = self.relay.nextDeadline, deadline.milliseconds <= end {
            self.milliseconds = max(self.milliseconds, deadline.milliseconds)
            lines += self.note(self.relay.wake(at: self.now)).map { "\(self.milliseconds) \($0)" }
        }
        self.milliseconds = end
        return lines
    }
}
