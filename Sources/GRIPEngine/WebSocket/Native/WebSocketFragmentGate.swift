import GRIP
import NIOCore

/// Sorts the pieces of an origin's messages: they are passed on, or are for the proxy, or for nobody.
///
/// The first piece decides, except when it is shorter than what has to be looked at: then it waits for the next one.
struct WebSocketFragmentGate: Sendable {
    enum Verdict: Sendable, Hashable {
        case pass(WebSocketOutgoingFrame)
        /// A message for the proxy, without what marks it.
        case control(ByteBuffer)
        case nothing
    }

    private enum State: Sendable {
        case betweenMessages
        case passing
        /// In a message for the proxy, which must not be fragmented, or one without the message prefix.
        case dropping
        case undecided(WebSocketMessageKind, ByteBuffer)
    }

    private var state = State.betweenMessages

    /// Whether the client has a part of a message and awaits the rest.
    var isPassing: Bool {
        if case .passing = self.state { true } else { false }
    }

    /// Takes the next piece, in an order that ``WebSocketFrameReader`` has checked.
    mutating func take(
        _ kind: WebSocketMessageKind?,
        isFinal: Bool,
        _ payload: ByteBuffer,
        hold: borrowing WebSocketHold
    ) -> Verdict {
        switch self.state {
        case .passing:
            if isFinal { self.state = .betweenMessages }
            return .pass(.fragment(nil, isFinal: isFinal, payload))
        case .dropping:
            if isFinal { self.state = .betweenMessages }
            return .nothing
        case .undecided(let kind, var beginning):
            beginning.writeImmutableBuffer(payload)
            return self.begin(kind, isWhole: false, isFinal: isFinal, beginning, hold: hold)
        case .betweenMessages:
            guard let kind else { return .nothing }
            return self.begin(kind, isWhole: isFinal, isFinal: isFinal, payload, hold: hold)
        }
    }

    private mutating func begin(
        _ kind: WebSocketMessageKind,
        isWhole: Bool,
        isFinal: Bool,
        _ payload: ByteBuffer,
        hold: borrowing WebSocketHold
    ) -> Verdict {
        self.state = .betweenMessages
        switch hold.judge(kind, payload, isComplete: isFinal) {
        case .control(let json) where isWhole: return .control(json)
        case .message(let content):
            if !isFinal { self.state = .passing }
            return .pass(.fragment(kind, isFinal: isFinal, content))
        case .control, .other:
            if !isFinal { self.state = .dropping }
            return .nothing
        case .undecided:
            // Copied, as a few bytes would else keep all that was read with them.
            var beginning = ByteBuffer()
            beginning.writeImmutableBuffer(payload)
            self.state = .undecided(kind, beginning)
            return .nothing
        }
    }
}
