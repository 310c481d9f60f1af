import GRIP
import HTTPTypes
import NIOCore

/// Why a request to the origin has no response.
package enum WebSocketRequestFailure: Sendable, Hashable {
    /// The origin cannot have seen it: there was no connection, or the request was not sent to its end.
    case neverSent
    /// There are too many requests to the origin, so it was not sent.
    case busy
    /// The origin may have seen it.
    case maybeSent
    /// The response was longer than is accepted.
    case tooLarge
    /// The response has a content coding, and cannot be read.
    case coding(ContentCodingError)
}

extension WebSocketOverHTTPRelay {
    /// The shortest time between two requests that only ask for news.
    private static let minimumPollInterval: Int32 = 20
    /// How often a request is sent again, after 1, 2, 4, 8 and 16 seconds.
    private static let maximumRetries: UInt8 = 5
    /// How many channels over the limit a request names, the first ones.
    static let maximumLeftOut = 20
    /// How long their names may be in the header.
    static let maximumLeftOutName = 400

    /// Takes that a request has no response.
    ///
    /// It is sent again if the origin cannot have seen it. Until the connection is open that is the caller's to do, which
    /// may know of other targets.
    package mutating func requestFailed(
        _ failure: WebSocketRequestFailure,
        now: EngineTime
    ) -> [WebSocketRelayAction] {
        self.perform(now) { relay, actions in
            guard relay.exchange == .inFlight else { return }
            switch failure {
            case .neverSent where relay.mayRetry, .busy where relay.mayRetry:
                let delay = Duration.seconds(1 << relay.retryCount) + relay.hold.timers.jitterDuration
                relay.retryCount += 1
                relay.exchange = .waitingToRetry
                relay.originDeadline = now + delay
            case .neverSent: relay.loseOrigin(.unreachable, &actions)
            case .busy: relay.loseOrigin(.busy, &actions)
            case .maybeSent: relay.loseOrigin(.lost, &actions)
            case .tooLarge: relay.loseOrigin(.responseTooLarge, &actions)
            case .coding(let error): relay.loseOrigin(.coding("\(error)"), &actions)
            }
        }
    }

    private var mayRetry: Bool { self.origin != .opening && self.retryCount < Self.maximumRetries }

    /// Gives the origin up; the client goes with it, unless its connection has become its own affair.
    mutating func loseOrigin(_ failure: WebSocketFailure, _ actions: inout [WebSocketRelayAction]) {
        if self.origin != .ending { self.endClient(failure, &actions) }
        self.exchange = .idle
        self.origin = .done
        self.originDeadline = nil
        self.events.removeAll()
    }

    /// Sends a request again, or asks the origin for news.
    mutating func wakeOrigin(_ actions: inout [WebSocketRelayAction]) {
        self.originDeadline = nil
        if self.exchange == .waitingToRetry {
            self.sendRequest(&actions)
        } else {
            self.wantsRequest = true
        }
    }

    /// Sends what is waiting unless a request is under way, or sees to it that the origin is asked for news later.
    mutating func requestIfNeeded(_ now: EngineTime, _ actions: inout [WebSocketRelayAction]) {
        guard self.exchange == .idle else { return }
        if self.needsRequest {
            self.events.offer(onlyOne: self.configuration.sendsOneEvent)
            self.sendRequest(&actions)
        } else if self.pollInterval > 0, self.origin == .opening || self.origin == .open {
            guard self.originDeadline == nil else { return }
            self.originDeadline = now + .seconds(max(self.pollInterval, Self.minimumPollInterval))
        } else {
            self.originDeadline = nil
        }
    }

    private var needsRequest: Bool {
        switch self.origin {
        case .opening: self.events.hasNews || self.wantsRequest
        // What an origin answers must have somewhere to go.
        case .open: self.isClientWritable && (self.events.hasNews || self.wantsRequest)
        case .ending: !self.events.isEmpty
        case .closed, .done: false
        }
    }

    private mutating func sendRequest(_ actions: inout [WebSocketRelayAction]) {
        self.exchange = .inFlight
        self.wantsRequest = false
        self.originDeadline = nil
        var fields = HTTPFields()
        fields.append(HTTPField(name: .accept, value: Self.mediaType))
        fields.append(HTTPField(name: .connectionID, value: self.connectionID))
        fields.append(HTTPField(name: .contentType, value: Self.mediaType))
        let replayedByteCount = self.events.replayedByteCount
        if replayedByteCount > 0 {
            fields.append(HTTPField(name: .contentBytesReplayed, value: String(replayedByteCount)))
        }
        if !self.leftOut.isEmpty {
            fields.append(HTTPField(name: .gripLeftOut, value: self.leftOut.joined(separator: ", ")))
        }
        for field in self.meta { fields.append(field) }
        let isFirst = self.origin == .opening && self.events.events.first == .open
        let request = WebSocketOverHTTPRequest(
            fields: fields,
            body: self.events.offeredBody,
            isFirst: isFirst,
            isAwaited: self.client != .gone
        )
        actions.append(.request(request))
    }
}
