import GRIP
import Logging
import NIOCore
import Synchronization

extension NATSBusCore {
    // MARK: Messages

    func receivePublication(_ message: GRIPNATSMessage) {
        guard let payload = BusPayload(message.payload), payload.instance != self.instance,
            let publication = Self.publication(payload)
        else { return self.refuse(message, \.malformed, Self.malformed) }
        let name = publication.channel.name
        let isUnfollowed = self.state.withLock { state -> Bool? in
            let subscription = state.subscriptions[UTF8Key(name)]
            // The subscription says it without a look at the subject, unless it has just ended or begun anew.
            guard subscription?.id == message.subscription || self.isSubject(message.subjectBytes, of: name) else {
                return nil
            }
            guard subscription != nil else { return false }
            let unfollowed = state.received.unfollowedCount
            let hasGap = state.received.receive(payload.number, of: name, from: payload.instance, now: .now())
            state.arrivals.publications.append(publication)
            if hasGap { state.arrivals.holes.append(name) }
            return unfollowed == 0 && state.received.unfollowedCount > 0
        }
        guard let isUnfollowed else { return self.refuse(message, \.misplaced, Self.misplaced) }
        if isUnfollowed { self.tellOfUnfollowed() }
    }

    private func isSubject(_ subject: ByteBuffer, of channel: String) -> Bool {
        self.subjects.subject(of: channel).text.utf8.elementsEqual(subject.readableBytesView)
    }

    private static func publication(_ payload: BusPayload) -> GRIPPublication? {
        let publications: [GRIPPublication]
        do { publications = try GRIPPublication.parse(json: payload.body) } catch { return nil }
        guard publications.count == 1 else { return nil }
        guard let name = payload.channel else { return publications[0] }
        return GRIPPublication(publications[0].item, to: GRIPChannel(unchecked: name))
    }

    func receiveHeartbeat(_ message: GRIPNATSMessage) {
        guard let heartbeat = Heartbeat(payload: message.payload), heartbeat.instance != self.instance else {
            return self.refuse(message, \.malformed, Self.malformed)
        }
        self.readCompleted()
        let (receiver, gap, isUnfollowed) = self.state.withLock { state in
            let unfollowed = state.received.unfollowedCount
            let gap = state.received.receive(heartbeat, now: .now())
            return (state.receiver, gap, unfollowed == 0 && state.received.unfollowedCount > 0)
        }
        switch gap {
        case .none: break
        case .channels(let channels): receiver?.missed(.channels(channels, .hole))
        case .all: receiver?.missed(.all(.hole))
        }
        if isUnfollowed { self.tellOfUnfollowed() }
    }

    // MARK: What is wrong

    private static let malformed =
        "NATS: somebody else publishes under the subjects of the bus, or an instance is of another version; it is left aside"
    private static let misplaced =
        "NATS: somebody publishes under the subject of another channel than that of the publication; it is left aside"

    /// Counts a message that is left aside, and tells of the first one.
    private func refuse(
        _ message: GRIPNATSMessage,
        _ count: WritableKeyPath<GRIPNATSBusStatistics, Int>,
        _ text: String
    ) {
        let isFirst = self.state.withLock { state in
            state.statistics[keyPath: count] += 1
            return state.statistics[keyPath: count] == 1
        }
        guard isFirst else { return }
        self.logger?.warning("\(text)", metadata: ["subject": "\(LineExcerpt.text(of: message.subjectBytes))"])
    }

    private func tellOfUnfollowed() {
        self.logger?.warning(
            "NATS: there are more than \(ReceivedLedger.maximumPeers) instances; what is lost of the others is not noticed"
        )
    }

    /// Learns that the server is not content with something.
    func complained(_ error: NATSServerError) {
        guard let refusal = error.refusal else { return }
        let isHeartbeat = refusal == .subscription(self.heartbeatSubject.text)
        let isFirst = self.state.withLock { state in
            state.statistics.refusedSubscriptions += 1
            switch refusal {
            case .subscription where isHeartbeat: state.arrivals.refusesAny = true
            case .subscription(let subject):
                guard let channel = self.channel(of: subject, in: state) else { break }
                state.arrivals.refused.append(channel)
            case .someSubscription: state.arrivals.refusesAny = true
            }
            return state.statistics.refusedSubscriptions == 1
        }
        if isHeartbeat {
            self.logger?.error(
                "NATS: the server refuses the heartbeats of other instances, so that what is lost of them is not noticed",
                metadata: ["subject": "\(self.heartbeatSubject)"]
            )
        } else if isFirst {
            self.logger?.error(
                "NATS: the server refuses the subscription to a channel, whose clients get nothing from other instances",
                metadata: ["reason": "\(error.error.reason)"]
            )
        }
    }

    private func channel(of subject: String, in state: State) -> String? {
        if let name = self.subjects.channel(of: ByteBuffer(string: subject)) {
            return state.subscriptions[UTF8Key(name)] == nil ? nil : name
        }
        // A hash does not tell the name.
        return state.subscriptions.keys.first { self.subjects.subject(of: $0.text).text == subject }?.text
    }

    // MARK: Handing on

    /// Hands on what came together.
    func readCompleted() {
        let (receiver, arrivals, connection) = self.state.withLock { state in
            let arrivals = state.arrivals
            state.arrivals = BusArrivals()
            return (state.receiver, arrivals, state.connection)
        }
        guard let receiver else { return }
        arrivals.tell(receiver)
        if !arrivals.publications.isEmpty, !receiver.hasRoom, let connection { self.pause(connection, receiver) }
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
