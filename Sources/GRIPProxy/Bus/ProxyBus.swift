import GRIP
import GRIPEngine
import Logging
import NIOCore
import Synchronization

/// A bus as the proxy uses it: tells it what the hub is interested in, and counts and logs how it goes.
final class ProxyBus: Sendable {
    private struct State {
        var bus = GRIPBusState.disconnected(
            reason: "it does not run; an embedded one does where the origin is among the services of the application"
        )
        var counters = BusCounters()
    }

    private let bus: any GRIPBus
    private let log: ProxyLog
    private let interest = Mutex(InterestQueue())
    private let state = Mutex(State())

    init(_ bus: any GRIPBus, log: ProxyLog) {
        self.bus = bus
        self.log = log
    }

    /// What has been counted.
    var counters: BusCounters {
        var counters = self.state.withLock { $0.counters }
        counters.own = self.bus.counts
        return counters
    }

    var isConnected: Bool { self.state.withLock { $0.bus.isConnected } }

    // MARK: Life

    /// Runs the bus until this task is cancelled.
    ///
    /// The proxy goes on without a bus that cannot run.
    func run(_ receiver: Receiver) async {
        var reason = "it has ended"
        do {
            try await self.bus.run(receiver)
        } catch is CancellationError {
            // It is told to end.
        } catch {
            reason = "\(error)"
        }
        self.changed(to: .disconnected(reason: reason), isWanted: Task.isCancelled)
    }

    /// Notes a state, and tells operators of it once.
    ///
    /// - Parameters:
    ///   - state: The state from now on.
    ///   - isWanted: Whether the proxy ends the bus itself.
    func changed(to state: GRIPBusState, isWanted: Bool = false) {
        let before = self.state.withLock { exchange(&$0.bus, with: state) }
        guard !isWanted, before != state else { return }
        switch (before, state) {
        case (_, .connected):
            self.log.write(.notice, .busChanged, about: "connected", "the bus is connected")
        case (.connected, .disconnected(let reason)):
            self.log.write(
                .warning,
                .busChanged,
                about: "disconnected",
                "the bus is not connected, so that clients of other instances miss what is published here: \(reason)"
            )
        case (.disconnected, .disconnected(let reason)):
            self.log.write(.warning, .busChanged, about: "trouble", "the bus cannot connect: \(reason)")
        }
    }

    // MARK: Interest

    /// Notes an effect of the hub that the bus is to be told of; called under the hub's lock.
    func note(_ effect: ChannelHub.Effect) {
        switch effect {
        // What instances tell each other is not for clients.
        case .interest(let name) where PresenceBusChannel.isReserved(name): break
        case .noInterest(let name) where PresenceBusChannel.isReserved(name): break
        default: self.interest.withLock { $0.add(effect) }
        }
    }

    /// Tells the bus of an interest of this instance itself.
    func tellInterest(_ call: InterestQueue.Call) {
        self.interest.withLock { $0.add(call) }
        self.tellInterest()
    }

    /// Tells the bus what has been noted, unless another thread is at it; called outside of the hub's lock.
    func tellInterest() {
        guard self.interest.withLock({ $0.begin() }) else { return }
        while let call = self.interest.withLock({ $0.next() }) {
            switch call {
            case .attend(let channels): self.bus.attend(channels)
            case .ignore(let channels): self.bus.ignore(channels)
            }
        }
    }

    // MARK: Publishing

    /// Hands items over to other instances, apart from those of reserved channels, which are not for publishers.
    ///
    /// - Returns: Why not all others are taken, or `nil` when they are.
    func publish(_ publications: [GRIPPublication]) -> GRIPBusAcceptance.Refusal? {
        guard publications.contains(where: { PresenceBusChannel.isReserved($0.channel.name) }) else {
            return self.handOver(publications)
        }
        let others = publications.filter { !PresenceBusChannel.isReserved($0.channel.name) }
        self.state.withLock { $0.counters.refused["reserved", default: 0] += publications.count - others.count }
        self.log.write(
            .warning,
            .busRefused,
            about: "reserved",
            "an item is not for other instances, because its channel has a name that they use among themselves"
        )
        return others.isEmpty ? nil : self.handOver(others)
    }

    /// Hands over what this instance itself tells other instances.
    ///
    /// - Returns: Why it is not taken, or `nil` when it is.
    func publish(_ message: GRIPPublication) -> GRIPBusAcceptance.Refusal? { self.bus.publish([message]).refusal }

    private func handOver(_ publications: [GRIPPublication]) -> GRIPBusAcceptance.Refusal? {
        guard let refusal = self.bus.publish(publications).refusal else {
            self.state.withLock { $0.counters.published += publications.count }
            return nil
        }
        // The others are not to be lost because of one that is too large.
        if refusal == .tooLarge, publications.count > 1 {
            return publications.reduce(nil) { refusal, publication in self.handOver([publication]) ?? refusal }
        }
        let state = self.state.withLock { state in
            state.counters.refused[refusal.description, default: 0] += publications.count
            return state.bus
        }
        let trouble = if case .disconnected(let reason) = state { ": \(reason)" } else { "" }
        self.log.write(
            .warning,
            .busRefused,
            about: refusal.description,
            "the bus does not take what is published, which only clients of this instance get (\(refusal)\(trouble))"
        )
        return refusal
    }

    // MARK: Receiving

    /// Notes that items of other instances may be missing.
    func noteMissed(_ gap: GRIPBusGap) {
        self.state.withLock { $0.counters.missed[gap.reason.description, default: 0] += 1 }
        let channels =
            switch gap {
            case .all: "all channels"
            case .channels(let names, _): "\(names.count) channels"
            }
        self.log.write(
            .notice,
            .busMissed,
            about: gap.reason.description,
            "items of other instances may be missing on \(channels), so that their clients look again (\(gap.reason))"
        )
    }

    /// Notes that so many items of other instances are left out because clients do not get them as fast.
    func noteLeftOut(_ count: Int) { self.state.withLock { $0.counters.leftOut += count } }
}

extension ProxyBus {
    /// What the bus tells the proxy.
    struct Receiver: GRIPBusReceiver {
        let bus: ProxyBus
        let ingress: PublishIngress
        let hub: ProxyHub
        let presence: PresenceCenter

        func receive(_ publications: [GRIPPublication]) {
            guard publications.contains(where: { PresenceBusChannel.isReserved($0.channel.name) }) else {
                return self.deliver(publications)
            }
            let others = publications.filter { !PresenceBusChannel.isReserved($0.channel.name) }
            if !others.isEmpty { self.deliver(others) }
            self.presence.receive(publications.filter { PresenceBusChannel.isReserved($0.channel.name) })
        }

        private func deliver(_ publications: [GRIPPublication]) {
            guard !self.ingress.receive(publications) else { return }
            self.bus.noteLeftOut(publications.count)
            self.missed(.channels(Set(publications.map { UTF8Key($0.channel.name) }).map(\.text), .overflow))
        }

        func missed(_ gap: GRIPBusGap) {
            self.presence.missed(gap)
            var gap = gap
            if case .channels(let names, let reason) = gap {
                // What is missed of presence is no item.
                let items = names.filter { !PresenceBusChannel.isReserved($0) }
                guard !items.isEmpty else { return }
                gap = .channels(items, reason)
            }
            self.bus.noteMissed(gap)
            self.hub.missed(gap)
        }

        func stateChanged(_ state: GRIPBusState) {
            self.bus.changed(to: state)
            self.presence.busChanged(isConnected: state.isConnected)
        }

        var hasRoom: Bool { self.ingress.hasRoom }

        func waitForRoom() async { await self.ingress.waitForRoom() }
    }
}
