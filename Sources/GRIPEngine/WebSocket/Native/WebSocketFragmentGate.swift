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
        /// Nothing is passed on: what continues a message is dropped as its beginning was.
        case idle
        case passing
        case undecided(WebSocketMessageKind, ByteBuffer)
    }

    private var state = State.idle

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
            if isFinal { self.state = .idle }
            return .pass(.fragment(nil, isFinal: isFinal, payload))
        case .undecided(let kind, var beginning):
            beginning.writeImmutableBuffer(payload)
            return self.begin(kind, isWhole: false, isFinal: isFinal, beginning, hold: hold)
        case .idle:
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
        self.state = .idle
        switch hold.judge(kind, payload, isComplete: isFinal) {
        case .control(let json) where isWhole: return .control(json)
        case .message(let content):
            if !isFinal { self.state = .passing }
            return .pass(.fragment(kind, isFinal: isFinal, content))
        // A message for the proxy must not be fragmented.
        case .control, .other: return .nothing
        case .undecided:
            // Copied, as a few bytes would else keep all that was read with them.
            var beginning = ByteBuffer()
            beginning.writeImmutableBuffer(payload)
            self.state = .undecided(kind, beginning)
            return .nothing
        }
    }
}
