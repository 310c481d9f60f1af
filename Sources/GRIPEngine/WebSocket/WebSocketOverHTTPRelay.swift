package import GRIP
package import HTTPTypes
package import NIOCore

/// A WebSocket of a client as requests with events to its origin (WebSocket-over-HTTP).
///
///     opening → open → closing → finished
///
/// There is one request at a time; what the client sends meanwhile goes into the next one.
package struct WebSocketOverHTTPRelay: Sendable {
    package struct Configuration: Sendable, Hashable {
        /// What the client may have under way, in bytes of content.
        package var pendingBytes = 200_000
        /// How long the client has to answer a close.
        package var closeTimeout: Duration = .seconds(10)
        package var subscriptions = 20
        /// What stands before the names of the origin's channels.
        package var channelPrefix = ""
        /// The channels that the route names.
        package var implicitChannels: [String] = []
        /// Whether a request carries only one event.
        package var sendsOneEvent = false
        /// Whether the origin's instructions are followed.
        package var followsInstructions = true

        package init() {}
    }

    package struct Request: Sendable, Hashable {
        package var body: ByteBuffer
        /// The fields to add: the meta, and how much of the body was sent before.
        package var fields: HTTPFields
        /// Whether another target may be asked when nobody answers.
        package var isFirst: Bool
    }

    package enum Action: Sendable, Hashable {
        case request(Request)
        /// The handshake succeeds with these fields.
        case accept(HTTPFields)
        /// The handshake fails with this response.
        case reject(ProxyReply)
        case send(WebSocketFrame)
        case close(WebSocketClose)
        /// The connection ends without a word.
        case drop
        case subscribe(HeldChannel)
        case unsubscribe(String)
        case readClient(Bool)
        case note(String)
        /// Nothing will come any more.
        ///
        /// The last action there is.
        case finished
    }

    package enum Failure: Sendable, Hashable {
        /// The origin has not seen the request.
        case neverSent(String)
        /// It may have.
        case maybeSent(String)
        /// The response is too long.
        case tooLong
    }

    enum State: Sendable, Hashable {
        /// The client waits for its handshake.
        case opening
        case open
        /// The client has closed; the origin is being told.
        case closedByClient
        /// A close was sent; the client's answer is awaited.
        case closing(tellsOrigin: Bool)
        /// The client is gone; the origin is being told.
        case disconnecting
        case finished
    }

    /// How often a request is made again.
    static let maximumRetries = 5
    static let minimumKeepAliveInterval = 20

    let configuration: Configuration
    var state = State.opening
    var pending = PendingEvents()
    package internal(set) var hold: WebSocketHold?
    var meta = HTTPFields()
    var isRequestInFlight = false
    var isReading = true
    var isClientWritable = true
    var isDetached = false
    var wantsRefresh = false
    /// Whether the client left while its handshake was under way.
    var isClientLost = false
    var keepAliveInterval: Int?
    var keepAliveDeadline: EngineTime?
    var closeDeadline: EngineTime?
    var retry: Retry?

    struct Retry: Sendable {
        var attempt: Int
        /// When it is made, or nothing while it is under way.
        var deadline: EngineTime?
        var request: Request
    }

    package init(_ configuration: Configuration) { self.configuration = configuration }

    package var isFinished: Bool { self.state == .finished }

    /// Asks the origin to open.
    package mutating func begin() -> [Action] {
        self.pending.append(.open)
        return self.sendRequest()
    }

    // MARK: Requests

    /// Sends what there is, when nothing is under way.
    mutating func sendRequest() -> [Action] {
        guard !self.isRequestInFlight else { return [] }
        let events = self.pending.take(limit: self.configuration.sendsOneEvent ? 1 : .max)
        var fields = self.meta
        if self.pending.replayedByteCount > 0 {
            fields.append(
                HTTPField(name: .contentBytesReplayed, value: String(self.pending.replayedByteCount))
            )
        }
        self.wantsRefresh = false
        self.isRequestInFlight = true
        self.keepAliveDeadline = nil
        let request = Request(
            body: WebSocketEvent.encode(events),
            fields: fields,
            isFirst: self.state == .opening
        )
        self.retry = Retry(attempt: 0, deadline: nil, request: request)
        return [.request(request)]
    }

    /// Goes on after an answer, or when there is something new.
    mutating func goOn(now: EngineTime) -> [Action] {
        guard !self.isRequestInFlight, self.state != .finished else { return [] }
        switch self.state {
        case .opening, .finished: return []
        case .disconnecting, .closedByClient, .closing: return self.pending.hasNews ? self.sendRequest() : []
        case .open:
            guard self.pending.hasNews || self.wantsRefresh, self.isClientWritable else { return [] }
            return self.sendRequest()
        }
    }

    mutating func beginClosing(tellsOrigin: Bool, now: EngineTime) {
        self.state = .closing(tellsOrigin: tellsOrigin)
        self.closeDeadline = now + self.configuration.closeTimeout
        self.keepAliveDeadline = nil
    }

    mutating func armKeepAlive(now: EngineTime) {
        self.keepAliveDeadline =
            self.isDetached
            ? nil : self.keepAliveInterval.map { now + .seconds(max($0, Self.minimumKeepAliveInterval)) }
    }

    /// Learns that a request was not answered.
    ///
    /// - Parameter random: A number from 0 to 1 for the time of the next attempt.
    package mutating func requestFailed(_ failure: Failure, now: EngineTime, random: Double) -> [Action] {
        guard self.isRequestInFlight, self.state != .finished else { return [] }
        switch failure {
        case .neverSent(let reason):
            if self.state == .opening { return self.refuseHandshake(reason) }
            guard var retry = self.retry, retry.attempt < Self.maximumRetries else { return self.giveUp(reason) }
            retry.deadline = now + .milliseconds(1000 << retry.attempt) + .milliseconds(Int(random * 1000))
            retry.attempt += 1
            self.retry = retry
            return []
        case .maybeSent(let reason):
            return self.state == .opening ? self.refuseHandshake(reason) : self.giveUp(reason)
        case .tooLong:
            let reason = "a response with events is too long"
            return self.state == .opening ? self.refuseHandshake(reason) : self.giveUp(reason)
        }
    }

    /// Ends everything because the origin cannot be spoken to.
    mutating func giveUp(_ reason: String) -> [Action] {
        let isClientThere = self.state != .disconnecting
        self.state = .finished
        self.isRequestInFlight = false
        return [.note(reason)] + (isClientThere ? [.drop] : []) + [.finished]
    }

    mutating func refuseHandshake(_ reason: String) -> [Action] {
        self.state = .finished
        self.isRequestInFlight = false
        return [.note(reason)] + (self.isClientLost ? [] : [.reject(.originFailed)]) + [.finished]
    }

    // MARK: Time

    /// When it is to be woken.
    package var nextDeadline: EngineTime? {
        [
            self.state == .open ? self.hold?.nextDeadline : nil, self.keepAliveDeadline, self.closeDeadline,
            self.retry?.deadline,
        ]
        .compactMap { $0 }.min()
    }

    /// Does what is due.
    package mutating func wake(at now: EngineTime, random: Double) -> [Action] {
        guard self.state != .finished else { return [] }
        if let closeDeadline, now >= closeDeadline {
            self.closeDeadline = nil
            return [.drop] + self.clientLost(now: now)
        }
        var actions: [Action] = []
        if let deadline = self.retry?.deadline, now >= deadline, let request = self.retry?.request {
            self.retry?.deadline = nil
            actions.append(.request(request))
        }
        if let keepAliveDeadline, now >= keepAliveDeadline {
            self.keepAliveDeadline = nil
            if !self.isRequestInFlight { actions += self.sendRequest() }
        }
        if self.state == .open, let hold = self.hold {
            var hold = hold
            let due = hold.wake(at: now, random: random)
            self.hold = hold
            actions += self.perform(due, now: now)
        }
        return actions
    }
}

extension HTTPField.Name {
    static let contentBytesReplayed = Self.known("Content-Bytes-Replayed")
    static let contentBytesAccepted = Self.known("Content-Bytes-Accepted")
    static let keepAliveInterval = Self.known("Keep-Alive-Interval")
}
