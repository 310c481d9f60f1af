import GRIP
package import HTTPTypes
package import NIOCore

/// One WebSocket of a client, joined to a WebSocket of an origin.
///
/// Frames pass as they come, message by message or piece by piece, and so do pings, pongs and closes. Where the origin
/// agreed to GRIP, its messages lose their prefix and those for the proxy end here, see ``WebSocketHold``. What is published
/// while the client has a part of a message waits for the rest of it.
///
/// Each method takes what has happened and returns what is to be done; the last action of each conversation is
/// ``WebSocketRelayAction/finished``, and after it there is none.
package struct NativeWebSocketRelay: Sendable {
    /// Where the client is.
    enum Client: UInt8, Sendable {
        /// It waits for the answer to its handshake.
        case waiting
        case open
        /// Its Close frame was passed on, and the origin's is awaited.
        case closing
        /// It was sent a Close frame, and its own is awaited.
        case closed
        case gone
    }

    /// Where the origin is.
    enum Origin: UInt8, Sendable {
        /// Its answer to the handshake is awaited.
        case opening
        case open
        /// Its Close frame was passed on, and the client's is awaited.
        case closing
        /// It was sent a Close frame, and its own is awaited; if the client is open, the origin is detached.
        case closed
        case gone
    }

    package internal(set) var hold: WebSocketHold
    var gate = WebSocketFragmentGate()
    /// What waits until the client has the rest of a message.
    var queue: [WebSocketOutgoingFrame] = []
    var queuedSize = 0

    var client = Client.waiting
    var origin = Origin.opening
    package internal(set) var isFinished = false

    /// When those must have answered that were sent a Close frame.
    var closeDeadline: EngineTime?

    /// Makes the relay of a handshake, which the caller passes on to the origin.
    ///
    /// - Parameters:
    ///   - configuration: What connections of the same route and target share.
    ///   - jitter: A random time from 0 to 1 second, which spreads what connections do at intervals.
    package init(_ configuration: Shared<WebSocketRelayConfiguration>, jitter: Duration) {
        self.hold = WebSocketHold(configuration, jitter: jitter)
    }

    var configuration: WebSocketRelayConfiguration { self.hold.configuration.value }

    /// Takes the 101 of the origin.
    package mutating func originAccepted(_ fields: HTTPFields, now: EngineTime) -> [WebSocketRelayAction] {
        self.perform { relay, actions in
            guard relay.origin == .opening else { return }
            relay.origin = .open
            relay.client = .open
            let role = relay.configuration.gripRole
            actions.append(.accept(fields.webSocketAcceptance(for: role, overHTTP: false)))
            let messagePrefix = role == .followed ? fields.webSocketMessagePrefix : nil
            relay.apply(relay.hold.open(messagePrefix: messagePrefix), now: now, &actions)
        }
    }

    /// Takes any other answer of the origin.
    package mutating func originRejected(_ head: HTTPResponse, body: ByteBuffer) -> [WebSocketRelayAction] {
        self.perform { relay, actions in
            guard relay.origin == .opening else { return }
            guard head.status.kind != .informational else {
                relay.end(.status(head.status.code), &actions)
                return
            }
            var head = head
            let role = relay.configuration.gripRole
            head.headerFields = head.headerFields.webSocketRejection(for: role, overHTTP: false)
            actions.append(.reject(head, body))
            relay.client = .gone
            relay.origin = .gone
        }
    }

    /// When ``wake(at:)`` is to be called, or nothing.
    ///
    /// ``deliver(_:now:)`` can only put it off when it answers ``WebSocketDelivery/write``, so it need not be asked for
    /// after that.
    package var nextDeadline: EngineTime? {
        guard !self.isFinished else { return nil }
        let held = self.client == .open ? self.hold.nextDeadline : nil
        return .earlier(held, self.closeDeadline)
    }

    /// Does what is due.
    package mutating func wake(at now: EngineTime) -> [WebSocketRelayAction] {
        self.perform { relay, actions in
            if let deadline = relay.closeDeadline, now >= deadline { relay.giveUpClosing(&actions) }
            if relay.client == .open { relay.apply(relay.hold.wake(at: now), now: now, &actions) }
        }
    }

    /// Runs an event, then does what follows from the state it leaves.
    mutating func perform(
        _ body: (inout NativeWebSocketRelay, inout [WebSocketRelayAction]) -> Void
    ) -> [WebSocketRelayAction] {
        guard !self.isFinished else { return [] }
        var actions: [WebSocketRelayAction] = []
        body(&self, &actions)
        if self.client == .gone, self.origin == .gone {
            self.isFinished = true
            actions.append(.finished)
        }
        return actions
    }
}
