import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore

/// A relay between two WebSockets with a clock that only moves when it is told to.
struct NativeConversation {
    var relay: NativeWebSocketRelay
    var milliseconds: Int64 = 0

    var now: EngineTime { EngineTime(milliseconds: self.milliseconds) }

    init(_ configuration: WebSocketRelayConfiguration = .init()) {
        self.relay = NativeWebSocketRelay(Shared(configuration), jitter: .zero)
    }

    /// A conversation that the origin has accepted, with GRIP unless another extension is given.
    static func opened(
        _ configuration: WebSocketRelayConfiguration = .init(),
        extensions: String? = "grip"
    ) -> NativeConversation {
        var conversation = NativeConversation(configuration)
        _ = conversation.accept(extensions.map { ["Sec-WebSocket-Extensions": $0] } ?? [:])
        return conversation
    }

    mutating func accept(_ fields: KeyValuePairs<String, String>) -> [String] {
        self.relay.originAccepted(.fields(fields), now: self.now).lines
    }

    mutating func reject(
        _ status: HTTPResponse.Status,
        _ fields: KeyValuePairs<String, String>,
        _ body: String
    ) -> [String] {
        let head = HTTPResponse(status: status, headerFields: .fields(fields))
        return self.relay.originRejected(head, body: ByteBuffer(latin1: body)).lines
    }

    mutating func client(_ output: WebSocketFrameReader.Output) -> [String] {
        self.relay.receiveFromClient(output, now: self.now).lines
    }

    mutating func origin(_ output: WebSocketFrameReader.Output) -> [String] {
        self.relay.receiveFromOrigin(output, now: self.now).lines
    }

    mutating func clientText(_ text: String) -> [String] {
        self.client(.fragment(.text, isFinal: true, ByteBuffer(latin1: text)))
    }

    mutating func originText(_ text: String) -> [String] {
        self.origin(.fragment(.text, isFinal: true, ByteBuffer(latin1: text)))
    }

    /// The origin sends a message in pieces.
    mutating func originPieces(_ kind: WebSocketMessageKind = .text, _ pieces: String...) -> [String] {
        var lines: [String] = []
        for (index, piece) in pieces.enumerated() {
            let output = WebSocketFrameReader.Output.fragment(
                index == 0 ? kind : nil,
                isFinal: index == pieces.count - 1,
                ByteBuffer(latin1: piece)
            )
            lines += self.origin(output)
        }
        return lines
    }

    mutating func loseClient() -> [String] { self.relay.clientLost(now: self.now).lines }

    mutating func loseOrigin() -> [String] { self.relay.originLost(now: self.now).lines }

    mutating func shutDown(_ end: ConnectionEnd = .shutDown) -> [String] {
        self.relay.shutDown(end, now: self.now).lines
    }

    mutating func publish(_ action: GRIPWebSocketMessage.Action) -> [String] {
        switch self.relay.deliver(action, now: self.now) {
        case .write: ["write"]
        case .skip: []
        case .overflow: ["overflow"]
        case .perform(let actions): actions.lines
        }
    }

    /// Lets time pass, and wakes the relay whenever it wants to be.
    mutating func wait(_ duration: Int64) -> [String] {
        let end = self.milliseconds + duration
        var lines: [String] = []
        while let deadline = self.relay.nextDeadline, deadline.milliseconds <= end {
            self.milliseconds = max(self.milliseconds, deadline.milliseconds)
            lines += self.relay.wake(at: self.now).lines.map { "\(self.milliseconds) \($0)" }
        }
        self.milliseconds = end
        return lines
    }
}

extension WebSocketFrameReader.Output {
    static func closed(_ code: WebSocketCloseCode, _ reason: String = "") -> Self {
        .close(WebSocketClose.sendable(try? WebSocketClose(code, reason: reason)))
    }
}
