import GRIP
import Logging
import NIOCore
import Synchronization

/// What a bus knows, beside its connection.
final class NATSBusCore: Sendable {
    private struct State {
        var receiver: (any GRIPBusReceiver)?
        weak var connection: GRIPNATSConnection?
        /// What is called with each publication; one for all channels.
        var receive: (@Sendable (GRIPNATSMessage) -> Void)?
        var subscriptions: [UTF8Key: GRIPNATSSubscription] = [:]
        var sent = SentLedger()
        var received = ReceivedLedger()
        /// What came with this read.
        var publications: [GRIPPublication] = []
        var gaps: [String] = []
        var hasBeenConnected = false
        var hasToldOfMalformed = false
        var isPaused = false
    }

    static let heartbeatInterval: Duration = .seconds(1)

    /// Which of all instances this is; another one after a restart.
    let instance = UInt64.random(in: 1...UInt64.max)
    private let heartbeatSubject: GRIPNATSSubject
    private let logger: Logger?
    private let state = Mutex(State())

    init(heartbeatSubject: GRIPNATSSubject, logger: Logger?) {
        self.heartbeatSubject = heartbeatSubject
        self.logger = logger
    }

    func begin(with connection: GRIPNATSConnection) {
        self.state.withLock { state in
            state.connection = connection
            state.receive = { [weak self] message in self?.receivePublication(message) }
        }
        connection.subscribe(to: GRIPNATSSubjectPattern(self.heartbeatSubject)) { [weak self] message in
            self?.receiveHeartbeat(message)
        }
    }

    func setReceiver(_ receiver: (any GRIPBusReceiver)?) { self.state.withLock { $0.receiver = receiver } }

    // MARK: Sending

    func attend(_ channel: String, _ connection: GRIPNATSConnection, _ pattern: GRIPNATSSubjectPattern) {
        self.state.withLock { state in
            guard state.subscriptions[UTF8Key(channel)] == nil, let receive = state.receive else { return }
            state.received.attend(channel, now: .now())
            state.subscriptions[UTF8Key(channel)] = connection.subscribe(to: pattern, receive)
        }
    }

    func ignore(_ channel: String) -> GRIPNATSSubscription? {
        self.state.withLock { state in
            state.received.ignore(channel)
            return state.subscriptions.removeValue(forKey: UTF8Key(channel))
        }
    }

    func publish(
        _ messages: [(channel: String, message: NATSOutbox.Message)],
        through connection: GRIPNATSConnection
    ) -> NATSOutbox.Refusal? {
        self.state.withLock { state in
            // Numbers are given in the order in which messages are sent.
            var numbered: [NATSOutbox.Message] = []
            numbered.reserveCapacity(messages.count)
            for entry in messages {
                var message = entry.message
                BusPayload.setNumber(state.sent.next(entry.channel), in: &message.payload)
                numbered.append(message)
            }
            return connection.publish(numbered)
        }
    }

    /// Says what was published.
    func beat() {
        self.state.withLock { state in
            guard let connection = state.connection else { return }
            let heartbeat = state.sent.heartbeat(of: self.instance)
            let refusal = connection.publish([NATSOutbox.Message(self.heartbeatSubject, heartbeat.payload)])
            switch refusal {
            case nil: state.sent.heartbeatSent()
            case .tooLarge:
                // A server that takes small messages only gets the heartbeat without names.
                var short = heartbeat
                short.channels = nil
                if connection.publish([NATSOutbox.Message(self.heartbeatSubject, short.payload)]) == nil {
                    state.sent.heartbeatSent()
                }
            case .disconnected, .full, .noHeaders, .closed: break
            }
        }
    }

    // MARK: Receiving

    private func receivePublication(_ message: GRIPNATSMessage) {
        guard let payload = BusPayload(message.payload), payload.instance != self.instance,
            let publication = Self.publication(payload)
        else { return self.tellOfMalformed(message) }
        self.state.withLock { state in
            let channel = publication.channel.name
            guard state.received.isAttended(channel) else { return }
            let hasGap = state.received.receive(payload.number, of: channel, from: payload.instance, now: .now())
            state.publications.append(publication)
            if hasGap { state.gaps.append(channel) }
        }
    }

    private static func publication(_ payload: BusPayload) -> GRIPPublication? {
        let publications: [GRIPPublication]
        do { publications = try GRIPPublication.parse(json: payload.body) } catch { return nil }
        guard publications.count == 1 else { return nil }
        guard let name = payload.channel else { return publications[0] }
        return GRIPPublication(publications[0].item, to: GRIPChannel(unchecked: name))
    }

    private func receiveHeartbeat(_ message: GRIPNATSMessage) {
        guard let heartbeat = Heartbeat(payload: message.payload) else { return self.tellOfMalformed(message) }
        self.readCompleted()
        let (receiver, gap) = self.state.withLock { ($0.receiver, $0.received.receive(heartbeat, now: .now())) }
        switch gap {
        case .none: break
        case .channels(let channels): receiver?.missed(.channels(channels, .hole))
        case .all: receiver?.missed(.all(.hole))
        }
    }

    private func tellOfMalformed(_ message: GRIPNATSMessage) {
        let isFirst = self.state.withLock { state in
            defer { state.hasToldOfMalformed = true }
            return !state.hasToldOfMalformed
        }
        guard isFirst else { return }
        self.logger?.warning(
            "NATS: somebody else publishes under the subjects of the bus, or an instance is of another version; it is left aside",
            metadata: ["subject": "\(LineExcerpt.text(of: message.subjectBytes))"]
        )
    }

    /// Hands on what came together.
    func readCompleted() {
        let (receiver, publications, gaps, connection) = self.state.withLock { state in
            let publications = state.publications
            let gaps = state.gaps
            state.publications = []
            state.gaps = []
            return (state.receiver, publications, gaps, state.connection)
        }
        guard let receiver else { return }
        if !publications.isEmpty { receiver.receive(publications) }
        if !gaps.isEmpty { receiver.missed(.channels(gaps, .hole)) }
        if !publications.isEmpty, !receiver.hasRoom, let connection { self.pause(connection, receiver) }
    }

    /// Lets the server wait until there is room.
    private func pause(_ connection: GRIPNATSConnection, _ receiver: any GRIPBusReceiver) {
        let isPaused = self.state.withLock { state in
            defer { state.isPaused = true }
            return state.isPaused
        }
        guard !isPaused else { return }
        connection.setReading(false)
        Task {
            await receiver.waitForRoom()
            self.state.withLock { $0.isPaused = false }
            connection.setReading(true)
        }
    }

    // MARK: Connection

    func happened(_ event: GRIPNATSEvent) {
        let (receiver, connection) = self.state.withLock { ($0.receiver, $0.connection) }
        switch event {
        case .connected:
            // When the ping behind the subscriptions is answered, the interest is with the server.
            connection?.afterFlush { [weak self] in self?.subscribed() }
        case .disconnected(let error):
            self.readCompleted()
            receiver?.stateChanged(.disconnected(reason: error.reason))
        case .messageSkipped: receiver?.missed(.all(.overflow))
        case .refused, .serverLeaving: break
        }
    }

    private func subscribed() {
        let (receiver, mustTell) = self.state.withLock { state in
            state.received.connected(now: .now())
            let mustTell = state.hasBeenConnected || !state.received.isEmpty
            state.hasBeenConnected = true
            return (state.receiver, mustTell)
        }
        receiver?.stateChanged(.connected)
        if mustTell { receiver?.missed(.all(.disconnected)) }
    }
}
