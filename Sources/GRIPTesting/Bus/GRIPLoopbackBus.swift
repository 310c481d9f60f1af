public import GRIP
import NIOCore
import Synchronization

/// A bus between proxies in one process, with faults for tests.
///
/// ```swift
/// let network = GRIPLoopbackNetwork()
/// let (one, other) = (network.makeBus(), network.makeBus())
/// ```
///
/// Each proxy gets one of them. What a real bus may do to a proxy, a test can have whenever it wants it: see ``cut()``,
/// ``hold()``, ``drop(_:)``, ``delay`` and ``refuse(with:)``.
public final class GRIPLoopbackBus: GRIPBus {
    /// How many calls of the receiver may wait: what comes then is lost, and the receiver is told.
    public static let queueLimit = 10_000

    private enum Event: Sendable {
        case receive([GRIPPublication])
        case missed(GRIPBusGap)
        case state(GRIPBusState)
    }

    private struct State {
        /// Rings when there is something for the receiver; `nil` when it does not run.
        var bell: AsyncStream<Void>.Continuation?
        var attended: Set<UTF8Key> = []
        var events: [Event] = []
        var isCut = false
        var isHeld = false
        var delay = Duration.zero
        var dropCount = 0
        var refusal: GRIPBusAcceptance.Refusal?

        var isConnected: Bool { self.bell != nil && !self.isCut }

        mutating func add(_ event: Event) {
            self.events.append(event)
            self.bell?.yield()
        }
    }

    private let network: GRIPLoopbackNetwork
    private let state = Mutex(State())

    init(_ network: GRIPLoopbackNetwork) { self.network = network }

    /// The channels that its proxy has subscribers for at the moment.
    ///
    /// Of names that Swift takes for the same text, such as `é` in one and in two scalars, there is one.
    public var attendedChannels: Set<String> { self.state.withLock { Set($0.attended.map(\.text)) } }

    // MARK: Bus

    /// Connects with the other buses of the network that run, until its task is cancelled.
    ///
    /// - Parameter receiver: Who hears what arrives.
    public func run(_ receiver: any GRIPBusReceiver) async throws {
        let (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.network.add(self)
        self.state.withLock { state in
            state.bell = ringer
            self.announce(&state)
        }
        for await _ in bell {
            while !Task.isCancelled, let (event, delay) = self.next() {
                if delay > .zero {
                    do { try await Task.sleep(for: delay) } catch { break }
                }
                await Self.tell(receiver, event)
            }
        }
        self.network.remove(self)
        self.state.withLock { state in
            state.bell = nil
            state.events = []
        }
    }

    /// Tells the receiver that it is connected, and of what it may have missed before.
    private func announce(_ state: inout State) {
        guard !state.isCut else { return state.add(.state(.disconnected(reason: "a test has cut it"))) }
        state.add(.state(.connected))
        if !state.attended.isEmpty { state.add(.missed(.all(.disconnected))) }
    }

    private func next() -> (Event, Duration)? {
        self.state.withLock { state in
            guard !state.isHeld, !state.events.isEmpty else { return nil }
            return (state.events.removeFirst(), state.delay)
        }
    }

    private static func tell(_ receiver: any GRIPBusReceiver, _ event: Event) async {
        switch event {
        case .receive(let publications):
            receiver.receive(publications)
            if !receiver.hasRoom { await receiver.waitForRoom() }
        case .missed(let gap): receiver.missed(gap)
        case .state(let state): receiver.stateChanged(state)
        }
    }

    /// Receives what others publish to channels from now on.
    ///
    /// - Parameter channels: The channels.
    public func attend(_ channels: [String]) {
        self.state.withLock { $0.attended.formUnion(channels.map { UTF8Key($0) }) }
    }

    /// Receives nothing of channels any more.
    ///
    /// - Parameter channels: The channels.
    public func ignore(_ channels: [String]) {
        self.state.withLock { $0.attended.subtract(channels.map { UTF8Key($0) }) }
    }

    /// Hands publications over to the other buses of the network.
    ///
    /// - Parameter publications: What the proxy publishes.
    /// - Returns: Whether it is taken: not while this bus is cut or does not run, not after ``refuse(with:)``, and not when
    ///   one of them is larger than the network's limit (`tooLarge`).
    public func publish(_ publications: [GRIPPublication]) -> GRIPBusAcceptance {
        let refusal = self.state.withLock { $0.isConnected ? $0.refusal : .disconnected }
        if let refusal { return .refused(reason: refusal) }
        if publications.contains(where: { $0.json.readableBytes > self.network.maximumBytes }) {
            return .refused(reason: .tooLarge)
        }
        for other in self.network.buses where other !== self { other.arrive(publications) }
        return .taken
    }

    private func arrive(_ publications: [GRIPPublication]) {
        self.state.withLock { state in
            guard state.isConnected else { return }
            var wanted = publications.filter { state.attended.contains(UTF8Key($0.channel.name)) }
            let lost = wanted.prefix(state.dropCount)
            state.dropCount -= lost.count
            wanted.removeFirst(lost.count)
            self.note(Array(lost), .hole, &state)
            guard !wanted.isEmpty else { return }
            guard state.events.count < Self.queueLimit else { return self.note(wanted, .overflow, &state) }
            state.add(.receive(wanted))
        }
    }

    private func note(_ lost: [GRIPPublication], _ reason: GRIPBusGap.Reason, _ state: inout State) {
        guard !lost.isEmpty else { return }
        let channels = Set(lost.map { UTF8Key($0.channel.name) })
        // Told once for as long as it waits to be told.
        if case .missed(.channels(let names, reason))? = state.events.last,
            channels.isSubset(of: names.map { UTF8Key($0) })
        {
            return
        }
        state.add(.missed(.channels(channels.map(\.text).sorted(), reason)))
    }

    // MARK: Faults

    /// Cuts the connection: what others publish is lost from now on, and what is published here is refused.
    public func cut() {
        self.state.withLock { state in
            guard !state.isCut else { return }
            state.isCut = true
            state.add(.state(.disconnected(reason: "a test has cut it")))
        }
    }

    /// Mends a connection that was cut, and tells the receiver that it may have missed anything.
    public func mend() {
        self.state.withLock { state in
            guard state.isCut else { return }
            state.isCut = false
            if state.bell != nil { self.announce(&state) }
        }
    }

    /// Keeps back what arrives.
    public func hold() { self.state.withLock { $0.isHeld = true } }

    /// Lets arrive what was kept back.
    ///
    /// - Parameter seed: Where it is given, publications arrive in an order that this number chooses, which a real bus does
    ///   only to those of different instances or channels.
    public func release(reordering seed: UInt64? = nil) {
        self.state.withLock { state in
            if let seed { Self.reorder(&state.events, seed: seed) }
            state.isHeld = false
            state.bell?.yield()
        }
    }

    private static func reorder(_ events: inout [Event], seed: UInt64) {
        var publications: [GRIPPublication] = []
        var others: [Event] = []
        for event in events {
            if case .receive(let arrived) = event { publications += arrived } else { others.append(event) }
        }
        var random = SplitMix64(seed: seed)
        publications.shuffle(using: &random)
        events = publications.map { .receive([$0]) } + others
    }

    /// Loses the next publications that would arrive, and tells the receiver of a gap in their channels.
    ///
    /// - Parameter count: How many.
    public func drop(_ count: Int) { self.state.withLock { $0.dropCount += count } }

    /// How long each call of the receiver waits; the others wait behind it.
    public var delay: Duration {
        get { self.state.withLock { $0.delay } }
        set { self.state.withLock { $0.delay = newValue } }
    }

    /// Refuses what is published here from now on, or takes it again.
    ///
    /// - Parameter refusal: The reason, or `nil` to take everything.
    public func refuse(with refusal: GRIPBusAcceptance.Refusal?) { self.state.withLock { $0.refusal = refusal } }
}
