package import NIOCore

/// One connection to a server, from its first byte to its end: what comes in, and what is to be done about it.
///
/// It knows neither a socket nor a clock:
///
///     awaiting INFO → (TLS) → awaiting PONG → ready → ended
package struct NATSSession: Sendable {
    package enum Action: Sendable, Hashable {
        /// TLS is to be established now; ``NATSSession/encrypted()`` is to be called when it is.
        case startTLS
        case send(NATSClientOperation)
        /// Messages may be published and subscribed to from now on.
        case ready(NATSServerInfo)
        /// The server has something new to say about itself.
        case infoChanged(NATSServerInfo)
        case deliver(GRIPNATSMessage)
        /// A message was larger than what is taken.
        case skipped(subscription: UInt64, byteCount: Int)
        /// All that was sent before this ping was asked for has been read by the server.
        case answered(ping: UInt64)
        /// The server is not content with something, and the connection stays.
        case complain(NATSServerError)
        /// The connection is of no more use.
        case close(GRIPNATSError)
    }

    package struct Configuration: Sendable {
        package var credentials: GRIPNATSCredentials?
        package var name: String?
        package var echoes: Bool
        /// Whether nothing may be said without TLS.
        package var requiresTLS: Bool
        /// Whether TLS is there before the first byte.
        package var isEncrypted: Bool
        /// How much time there is until the connection is ready.
        package var handshakeTimeout: TimeAmount
        package var pingInterval: TimeAmount
        /// How many pings may go without a sign of life.
        package var maximumUnansweredPings: Int
        package var limits: NATSOperationReader.Limits

        package init(
            credentials: GRIPNATSCredentials? = nil,
            name: String? = nil,
            echoes: Bool = true,
            requiresTLS: Bool = false,
            isEncrypted: Bool = false,
            handshakeTimeout: TimeAmount = .seconds(5),
            pingInterval: TimeAmount = .seconds(10),
            maximumUnansweredPings: Int = 2,
            limits: NATSOperationReader.Limits = .init()
        ) {
            self.credentials = credentials
            self.name = name
            self.echoes = echoes
            self.requiresTLS = requiresTLS
            self.isEncrypted = isEncrypted
            self.handshakeTimeout = handshakeTimeout
            self.pingInterval = pingInterval
            self.maximumUnansweredPings = maximumUnansweredPings
            self.limits = limits
        }
    }

    private enum State: Sendable {
        case awaitingInfo
        case encrypting
        case awaitingPong
        case ready
        case ended
    }

    /// What a ping was for.
    private enum Ping: Sendable, Hashable {
        case liveness
        case asked(UInt64)
    }

    /// More pings of one purpose than these are not under way: a server that answers none of them is of no use.
    package static let maximumPings = 4096

    private let configuration: Configuration
    private var state = State.awaitingInfo
    private var reader: NATSOperationReader
    /// What is to be done before the next operation is read.
    private var pending: [Action] = []
    private var isEncrypted: Bool
    package private(set) var info = NATSServerInfo()
    /// Whether nothing is read at the moment, so that no sign of life can come.
    package var isPaused = false
    private var pings = CircularBuffer<Ping>()
    /// How many of the pings under way were asked for.
    private var askedPings = 0
    private var unansweredPings = 0
    private var hasReceived = false
    private var deadline: NIODeadline

    package init(_ configuration: Configuration, now: NIODeadline) {
        self.configuration = configuration
        self.isEncrypted = configuration.isEncrypted
        self.reader = NATSOperationReader(limits: configuration.limits)
        self.deadline = now + configuration.handshakeTimeout
    }

    package var isReady: Bool { self.state == .ready }
    package var hasEnded: Bool { self.state == .ended }

    // MARK: Receiving

    /// Takes what came from the server; ``next(now:)`` tells what is to be done about it.
    package mutating func receive(_ piece: ByteBuffer) {
        guard self.state != .ended, piece.readableBytes > 0 else { return }
        self.hasReceived = true
        self.reader.append(piece)
    }

    /// The next thing to do; `nil` until something happens.
    package mutating func next(now: NIODeadline) -> Action? {
        while true {
            if !self.pending.isEmpty { return self.pending.removeFirst() }
            guard self.state != .ended, self.state != .encrypting else { return nil }
            do {
                guard let operation = try self.reader.next() else { return nil }
                if let action = try self.react(to: operation, now: now) { return action }
            } catch {
                let violation = error.reason
                return self.end(GRIPNATSError(.protocolViolation, "this is not the protocol of NATS: \(violation)"))
            }
        }
    }

    private mutating func react(
        to operation: NATSServerOperation,
        now: NIODeadline
    ) throws(NATSProtocolViolation) -> Action? {
        switch operation {
        case .info(let json): return try self.receiveInfo(NATSServerInfo(parsing: json))
        case .error(let text): return self.receiveError(NATSServerError(text))
        case .ok: return nil
        case .ping where self.state != .awaitingInfo: return .send(.pong)
        case .pong where self.state == .awaitingPong:
            self.state = .ready
            self.deadline = now + self.configuration.pingInterval
            return .ready(self.info)
        case .pong where self.state == .ready:
            guard case .asked(let id) = self.pings.popFirst() else { return nil }
            self.askedPings -= 1
            return .answered(ping: id)
        case .message(let message) where self.state == .ready: return .deliver(message)
        case .skipped(let subscription, let byteCount) where self.state == .ready:
            return .skipped(subscription: subscription, byteCount: byteCount)
        case .ping, .pong: throw NATSProtocolViolation("the server does not begin with INFO")
        case .message, .skipped: throw NATSProtocolViolation("a message came before the connection was ready")
        }
    }

    private mutating func receiveInfo(_ info: NATSServerInfo) -> Action? {
        var info = info
        // What comes later says again only what has changed.
        if info.nonce == nil { info.nonce = self.info.nonce }
        self.info = info
        guard self.state == .awaitingInfo else { return self.state == .ready ? .infoChanged(info) : nil }
        let serverSpeaksTLS = info.requiresTLS || info.offersTLS
        if self.isEncrypted || !(self.configuration.requiresTLS || info.requiresTLS) {
            self.connect()
            return nil
        }
        guard serverSpeaksTLS else {
            return self.end(GRIPNATSError(.tls, "TLS is required for this server, but the server does not offer it"))
        }
        // What stands here was not sent under the protection of TLS, but would be read as if.
        guard self.reader.isAtBoundary else {
            return self.end(GRIPNATSError(.protocolViolation, "the server sent more than its INFO before TLS"))
        }
        self.state = .encrypting
        return .startTLS
    }

    /// Learns that TLS is established.
    package mutating func encrypted() {
        guard self.state == .encrypting else { return }
        self.isEncrypted = true
        self.connect()
    }

    private mutating func connect() {
        let authorization: NATSConnect.Authorization
        do {
            authorization = try self.configuration.credentials?.authorization(nonce: self.info.nonce) ?? .none
        } catch {
            let end = self.end(error)
            return self.pending = [end]
        }
        self.state = .awaitingPong
        let connect = NATSConnect(
            authorization: authorization,
            name: self.configuration.name,
            echoes: self.configuration.echoes,
            usesTLS: self.isEncrypted
        )
        self.pending += [.send(.connect(connect)), .send(.ping)]
    }

    private mutating func receiveError(_ error: NATSServerError) -> Action? {
        // Before it is ready, a server sends no error that does not end the connection.
        if error.isFatal || self.state != .ready { return self.end(error.error) }
        return .complain(error)
    }

    // MARK: Pings

    /// Asks for a ping, after everything that was sent before.
    ///
    /// - Parameters:
    ///   - id: What ``Action/answered(ping:)`` names.
    ///   - isLast: Whether no other will be asked for, so that many under way are no reason against it.
    /// - Returns: What is to be sent; `nil` where the connection is not ready or too many pings are under way.
    package mutating func ping(_ id: UInt64, isLast: Bool = false) -> Action? {
        guard self.state == .ready, isLast || self.askedPings < Self.maximumPings else { return nil }
        self.askedPings += 1
        self.pings.append(.asked(id))
        return .send(.ping)
    }

    // MARK: Time

    /// When it is to be woken.
    package var nextDeadline: NIODeadline? { self.state == .ended ? nil : self.deadline }

    /// Does what is due.
    package mutating func wake(now: NIODeadline) -> Action? {
        guard self.state != .ended, now >= self.deadline else { return nil }
        guard self.state == .ready else {
            let phase = self.state == .encrypting ? "TLS was not established" : "the server did not answer"
            return self.end(
                GRIPNATSError(.timeout, "\(phase) within \(Self.text(self.configuration.handshakeTimeout))")
            )
        }
        if self.hasReceived || self.isPaused { self.unansweredPings = 0 }
        guard self.unansweredPings < self.configuration.maximumUnansweredPings,
            self.pings.count - self.askedPings < Self.maximumPings
        else {
            let pings = self.unansweredPings == 1 ? "a ping" : "\(self.unansweredPings) pings"
            return self.end(GRIPNATSError(.stale, "the server did not answer \(pings)"))
        }
        self.unansweredPings += 1
        self.hasReceived = false
        self.pings.append(.liveness)
        self.deadline = now + self.configuration.pingInterval
        return .send(.ping)
    }

    private static func text(_ amount: TimeAmount) -> String { "\(Duration.nanoseconds(amount.nanoseconds))" }

    // MARK: Ending

    /// Learns that there is no connection any more.
    ///
    /// - Returns: The end, unless it has ended already.
    package mutating func disconnected(_ error: GRIPNATSError) -> Action? {
        self.state == .ended ? nil : self.end(error)
    }

    private mutating func end(_ error: GRIPNATSError) -> Action {
        self.state = .ended
        self.pending = []
        self.pings = []
        self.askedPings = 0
        return .close(error)
    }
}
