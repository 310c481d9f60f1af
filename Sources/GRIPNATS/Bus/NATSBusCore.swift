import GRIP
import Logging
import NIOCore
import Synchronization

/// What a bus knows, beside its connection.
final class NATSBusCore: Sendable {
    struct State {
        var receiver: (any GRIPBusReceiver)?
        weak var connection: GRIPNATSConnection?
        /// What is called with each publication; one for all channels.
        var receive: (@Sendable (GRIPNATSMessage) -> Void)?
        var subscriptions: [UTF8Key: GRIPNATSSubscription] = [:]
        var sent = SentLedger()
        var received = ReceivedLedger()
        /// What came with this read.
        var arrivals = BusArrivals()
        var statistics = GRIPNATSBusStatistics()
        var hasBeenConnected = false
        var isPaused = false
    }

    static let heartbeatInterval: Duration = .seconds(1)
    /// How many heartbeats are sent in a row, where one has no room for all channels.
    static let heartbeatsInARow = 10

    /// Which of all instances this is; another one after a restart.
    let instance = UInt64.random(in: 1...UInt64.max)
    let subjects: ChannelSubjects
    let heartbeatSubject: GRIPNATSSubject
    let logger: Logger?
    let state = Mutex(State())

    init(subjects: ChannelSubjects, heartbeatSubject: GRIPNATSSubject, logger: Logger?) {
        self.subjects = subjects
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

    var statistics: GRIPNATSBusStatistics {
        self.state.withLock { state in
            var statistics = state.statistics
            statistics.unfollowed = state.received.unfollowedCount
            return statistics
        }
    }

    // MARK: Interest

    func attend(_ channel: String, _ connection: GRIPNATSConnection) {
        self.state.withLock { state in
            guard state.subscriptions[UTF8Key(channel)] == nil, let receive = state.receive else { return }
            state.received.attend(channel, now: .now())
            let pattern = GRIPNATSSubjectPattern(self.subjects.subject(of: channel))
            state.subscriptions[UTF8Key(channel)] = connection.subscribe(to: pattern, receive)
        }
    }

    func ignore(_ channel: String) -> GRIPNATSSubscription? {
        self.state.withLock { state in
            state.received.ignore(channel)
            return state.subscriptions.removeValue(forKey: UTF8Key(channel))
        }
    }

    // MARK: Sending

    func publish(
        _ publications: [GRIPPublication],
        through connection: GRIPNATSConnection
    ) -> NATSOutbox.Refusal? {
        var messages = publications.map { publication in
            NATSOutbox.Message(
                self.subjects.subject(of: publication.channel.name),
                BusPayload.unnumbered(publication, instance: self.instance)
            )
        }
        return self.state.withLock { state in
            // Numbers are given in the order in which messages are sent.
            let refusal = connection.publish(&messages) { index, message in
                let number = state.sent.next(publications[index].channel.name)
                BusPayload.setNumber(number, in: &message.payload)
            }
            switch refusal {
            case nil: break
            // All but one of them are published again, one by one.
            case .tooLarge where publications.count > 1: break
            default: for publication in publications { state.sent.next(publication.channel.name, isRefused: true) }
            }
            return refusal
        }
    }

    /// Says what was published.
    ///
    /// - Parameter limit: How many heartbeats it may take; what they have no room for is said by later ones.
    func beat(limit: Int = NATSBusCore.heartbeatsInARow) {
        self.state.withLock { state in
            guard let connection = state.connection else { return }
            var byteLimit = 65_536
            for _ in 0..<limit {
                let heartbeat = state.sent.heartbeat(of: self.instance, byteLimit: byteLimit)
                var messages = [NATSOutbox.Message(self.heartbeatSubject, heartbeat.payload)]
                switch connection.publish(&messages, mayWait: false) {
                case nil:
                    state.sent.sent(heartbeat)
                    guard state.sent.hasChanges else { return }
                case .tooLarge(let maximum) where maximum < byteLimit: byteLimit = maximum
                default: return
                }
            }
        }
    }
}
