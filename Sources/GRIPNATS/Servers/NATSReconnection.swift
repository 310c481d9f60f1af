import GRIP
package import NIOCore

/// Which server is connected to next, and when.
///
/// It goes in rounds: each server that is known has its turn once, in an order that is random where that is wanted, the
/// one that was just lost last. After a round without success comes a pause that doubles from round to round.
package struct NATSReconnection: Sendable {
    package struct Settings: Sendable, Hashable {
        /// The pause after the first round, and the longest time by which the first attempt after a loss is put off.
        package var firstDelay: TimeAmount
        /// The longest pause.
        package var longestDelay: TimeAmount
        /// Whether the order of the servers is random.
        package var isRandom: Bool
        /// Whether servers that other servers name are used.
        package var usesDiscovered: Bool

        package init(
            firstDelay: TimeAmount = .milliseconds(100),
            longestDelay: TimeAmount = .seconds(5),
            isRandom: Bool = true,
            usesDiscovered: Bool = true
        ) {
            self.firstDelay = firstDelay
            self.longestDelay = longestDelay
            self.isRandom = isRandom
            self.usesDiscovered = usesDiscovered
        }
    }

    package enum Step: Sendable {
        case connect(GRIPNATSServer)
        case wait(until: NIODeadline)
        /// Every server has refused the credentials, and none has ever taken them.
        case fail(GRIPNATSError)
    }

    private enum State: Sendable {
        /// The next server may be tried.
        case idle
        case waiting(until: NIODeadline)
        case connecting
        case connected(since: NIODeadline)
        case failed(GRIPNATSError)
    }

    private struct Known: Sendable {
        var server: GRIPNATSServer
        /// Whether it is one of the configuration, which is never forgotten.
        var isGiven: Bool
    }

    /// How many servers are known at most; further ones are not taken in.
    package static let maximumServers = 1000

    private let settings: Settings
    private var random: SplitMix64
    private var known: [Known]
    private var state = State.idle
    /// Who is still to be tried in this round; the last one is next.
    private var round: [NATSServerAddress] = []
    private var current: GRIPNATSServer?
    /// How many rounds in a row went without a connection that lasted.
    private var failedRounds = 0
    private var hasBeenConnected = false
    /// How many servers of this round were tried, and how many of them refused the credentials.
    private var tried = 0
    private var unauthorized = 0

    /// Makes a plan.
    ///
    /// - Parameters:
    ///   - servers: The servers of the configuration, at least one.
    ///   - settings: The settings.
    ///   - seed: What the order and the delays depend on.
    package init(servers: [GRIPNATSServer], settings: Settings = Settings(), seed: UInt64) {
        self.settings = settings
        self.random = SplitMix64(seed: seed)
        self.known = []
        for server in servers where !self.known.contains(where: { $0.server.address == server.address }) {
            self.known.append(Known(server: server, isGiven: true))
        }
        self.beginRound()
    }

    /// All servers that are known.
    package var servers: [NATSServerAddress] { self.known.map(\.server.address) }

    // MARK: Steps

    /// What to do now.
    package mutating func next(now: NIODeadline) -> Step? {
        switch self.state {
        case .connecting, .connected: return nil
        case .failed(let error): return .fail(error)
        case .waiting(let deadline) where now < deadline: return .wait(until: deadline)
        case .waiting, .idle:
            while let address = self.round.popLast() {
                // A server can have been forgotten since the round began.
                guard let known = self.known.first(where: { $0.server.address == address }) else { continue }
                self.state = .connecting
                self.current = known.server
                self.tried += 1
                return .connect(known.server)
            }
            self.beginRound()
            return self.known.isEmpty ? nil : self.next(now: now)
        }
    }

    private mutating func beginRound() {
        var addresses = self.servers
        if self.settings.isRandom { addresses.shuffle(using: &self.random) }
        if let current, let index = addresses.firstIndex(of: current.address) {
            addresses.append(addresses.remove(at: index))
        }
        self.round = addresses.reversed()
        self.tried = 0
        self.unauthorized = 0
    }

    // MARK: Outcomes

    /// Learns that the connection is ready.
    package mutating func connected(discovered: [String], now: NIODeadline) {
        guard case .connecting = self.state else { return }
        self.state = .connected(since: now)
        self.hasBeenConnected = true
        self.discover(discovered)
    }

    /// Learns that the server could not be connected to, or that the connection is lost.
    package mutating func failed(_ error: GRIPNATSError, now: NIODeadline) {
        switch self.state {
        case .connecting:
            if error.code == .authorization { self.unauthorized += 1 }
            guard self.round.isEmpty else { return self.state = .idle }
            if !self.hasBeenConnected, self.unauthorized == self.tried { return self.state = .failed(error) }
            self.pause(now: now)
        case .connected(let since):
            // A server that takes connections and ends them at once is not tried as fast as one that was good.
            if now - since >= self.settings.longestDelay { self.failedRounds = 0 }
            self.beginRound()
            guard self.failedRounds == 0 else { return self.pause(now: now) }
            self.failedRounds = 1
            // All clients of a server lose it at the same time.
            let delay = self.settings.firstDelay.nanoseconds
            self.state = .waiting(
                until: now + .nanoseconds(delay > 0 ? .random(in: 0...delay, using: &self.random) : 0)
            )
        case .idle, .waiting, .failed: return
        }
    }

    private mutating func pause(now: NIODeadline) {
        let longest = max(self.settings.longestDelay.nanoseconds, 0)
        let first = min(max(self.settings.firstDelay.nanoseconds, 0), longest)
        let (doubled, isTooLong) = first.multipliedReportingOverflow(by: 1 << Int64(min(self.failedRounds, 40)))
        let delay = isTooLong ? longest : min(doubled, longest)
        self.failedRounds += 1
        if self.round.isEmpty { self.beginRound() }
        self.state = .waiting(
            until: now + .nanoseconds(delay - (delay > 1 ? .random(in: 0...delay / 2, using: &self.random) : 0))
        )
    }

    // MARK: Discovered servers

    /// Learns which servers the connected one names; those that it names no more are forgotten.
    ///
    /// - Parameter addresses: `host:port` each; what is no address is left out.
    package mutating func discover(_ addresses: [String]) {
        guard self.settings.usesDiscovered, !addresses.isEmpty, let current else { return }
        var named: Set<NATSServerAddress> = []
        for text in addresses {
            guard let address = try? GRIPNATSServer.address(text), named.insert(address).inserted,
                !self.known.contains(where: { $0.server.address == address }),
                self.known.count < Self.maximumServers
            else { continue }
            // What one server is trusted with, those that it names are trusted with too; and they are no less protected.
            let server = GRIPNATSServer(
                host: address.host,
                port: address.port,
                requiresTLS: current.requiresTLS || self.known.contains { $0.isGiven && $0.server.requiresTLS },
                credentials: current.credentials,
                certificateName: current.certificateName ?? current.host
            )
            self.known.append(Known(server: server, isGiven: false))
        }
        self.known.removeAll { known in
            !known.isGiven && !named.contains(known.server.address) && known.server.address != current.address
        }
    }
}
