package import GRIP
import HTTPTypes
package import NIOCore

extension WebSocketOverHTTPRelay {
    /// Takes what the client sent.
    package mutating func receive(_ result: WebSocketFrameReader.Result, now: EngineTime) -> [Action] {
        switch result {
        case .incomplete, .fragment: return []
        case .message(let frame):
            let isText = frame.opcode == .text
            return self.receive(event: isText ? .text(frame.payload) : .binary(frame.payload), now: now)
        case .ping(let payload): return self.receive(event: .ping(payload), now: now)
        case .pong(let payload): return self.receive(event: .pong(payload), now: now)
        case .close(let close): return self.clientClosed(close, now: now)
        case .violation(let close): return self.violated(close, now: now)
        }
    }

    private mutating func receive(event: WebSocketEvent, now: EngineTime) -> [Action] {
        guard self.state == .open, !self.isDetached else { return [] }
        self.pending.append(event)
        var actions = self.goOn(now: now)
        if self.isReading, self.pending.byteCount > self.configuration.pendingBytes {
            self.isReading = false
            actions.append(.readClient(false))
        }
        return actions
    }

    private mutating func clientClosed(_ close: WebSocketClose?, now: EngineTime) -> [Action] {
        switch self.state {
        case .opening, .closedByClient, .disconnecting, .finished: return []
        case .open where self.isDetached:
            self.state = .finished
            let answer = WebSocketClose(unchecked: .normalClosure)
            return [.close(answer), .finished]
        case .open:
            self.state = .closedByClient
            self.pending.append(.close(close))
            return self.goOn(now: now)
        case .closing(let tellsOrigin):
            self.closeDeadline = nil
            if tellsOrigin, !self.isDetached { self.pending.append(.close(close)) }
            guard !self.pending.isEmpty else {
                self.state = .finished
                return [.drop, .finished]
            }
            // The origin is still to hear of it, without the client.
            self.state = .disconnecting
            return [.drop] + self.goOn(now: now)
        }
    }

    /// Closes the connection of a client that breaks the rules.
    private mutating func violated(_ close: WebSocketClose, now: EngineTime) -> [Action] {
        switch self.state {
        case .open:
            self.pending.removeAll()
            self.state = .disconnecting
            guard !self.isDetached else {
                self.state = .finished
                return [.close(close), .drop, .finished]
            }
            self.pending.append(.disconnect)
            return [.close(close), .drop] + self.goOn(now: now)
        case .closing: return [.drop] + self.clientLost(now: now)
        case .opening, .closedByClient, .disconnecting, .finished: return []
        }
    }

    /// Learns that the client's connection is gone.
    package mutating func clientLost(now: EngineTime) -> [Action] {
        self.closeDeadline = nil
        switch self.state {
        case .finished, .disconnecting: return []
        case .opening:
            self.isClientLost = true
            // A handshake that is being polled has nothing under way.
            guard !self.isRequestInFlight else { return [] }
            return self.disconnect(now: now)
        case .open, .closedByClient, .closing:
            guard !self.isDetached else {
                self.state = .finished
                return [.finished]
            }
            return self.disconnect(now: now)
        }
    }

    mutating func disconnect(now: EngineTime) -> [Action] {
        self.state = .disconnecting
        self.pending.append(.disconnect)
        return self.goOn(now: now)
    }

    /// Learns whether the client takes more.
    ///
    /// While it does not, the origin is not asked for more.
    package mutating func clientWritabilityChanged(_ isWritable: Bool, now: EngineTime) -> [Action] {
        self.isClientWritable = isWritable
        return isWritable ? self.goOn(now: now) : []
    }

    // MARK: Items

    /// What an item means for the client, and what is to be done besides.
    package enum Reaction: Sendable, Hashable {
        case write
        case skip
        case perform([Action])
        /// A filter could not be applied, so nothing is sent.
        case failed(String)
    }

    /// Takes an item of one of the channels.
    package mutating func receive(_ delivery: Delivery, now: EngineTime) -> Reaction {
        guard self.state == .open, self.hold != nil, let reaction = self.hold?.receive(delivery, now: now) else {
            return .skip
        }
        switch reaction {
        case .write: return .write
        case .writeInstead(let frame): return .perform([.send(frame)])
        case .skip: return .skip
        case .failed(let reason): return .failed(reason)
        case .refresh:
            guard !self.isDetached else { return .skip }
            self.wantsRefresh = true
            return .perform(self.goOn(now: now))
        case .close(let close):
            self.beginClosing(tellsOrigin: false, now: now)
            guard !self.isDetached else { return .perform([.close(close)]) }
            self.pending.append(.close(nil))
            return .perform([.close(close)] + self.goOn(now: now))
        }
    }

    /// Ends the connection because the proxy shuts down.
    package mutating func shutDown(now: EngineTime) -> [Action] {
        switch self.state {
        case .open:
            self.beginClosing(tellsOrigin: true, now: now)
            return [.close(WebSocketClose(unchecked: .goingAway))]
        case .opening:
            guard !self.isClientLost else { return [] }
            return [.reject(ProxyReply(.serviceUnavailable, "The proxy shuts down."))] + self.clientLost(now: now)
        case .closedByClient, .closing, .disconnecting, .finished: return []
        }
    }
}
