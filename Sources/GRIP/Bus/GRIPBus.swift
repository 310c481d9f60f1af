/// Carries publications between the proxies of several processes, which are *instances*.
///
/// Each instance publishes to its own clients first and hands the same publications to its bus; the bus brings them to
/// the other instances that have subscribers. An instance whose bus is down goes on for its own clients.
///
/// A bus belongs to one proxy, which calls ``run(_:)`` once and the other functions for as long as it lives. Two values
/// on one server are two instances, in one process too.
///
/// ## What an implementation guarantees
///
/// - **Interest.** After ``attend(_:)`` it brings the publications that others make to that channel, from some time on;
///   after ``ignore(_:)`` it stops to do so, at some time. It need not tell when: a proxy lets the first subscribers of a
///   channel look at their origins once more a second later. A channel that is attended stays so when the connection
///   to a server is lost and made again.
/// - **Names.** Any channel name comes out as it went in, byte by byte, whatever letters the server's own names allow.
/// - **Order.** What one instance publishes to one channel arrives in the order of the calls of ``publish(_:)``, where one
///   returned before the next began. There is no order between instances, nor between channels.
/// - **At most once.** A publication that is handed over once is received at most once by each instance.
/// - **No echo.** What is handed to ``publish(_:)`` is never received by the receiver of the same bus.
/// - **No silence.** Where a publication may be lost for this instance after a channel is attended, for any cause that the
///   bus can find out, the receiver is told by ``GRIPBusReceiver/missed(_:)``. To tell too often costs requests to
///   origins; to tell too little loses items for clients that could have fetched them.
/// - **Bounds.** What waits for a server, in either direction, is bounded. At the bound ``publish(_:)`` refuses.
///
/// `GRIPTesting` has a suite that asks these of any bus.
///
/// ## Threads
///
/// ``attend(_:)`` and ``ignore(_:)`` are called in order, never two at once, and one channel is never attended twice
/// without being ignored in between. ``publish(_:)`` may be called by several threads at once. All three are called on
/// event loops: they must neither block nor call the receiver before they return.
public protocol GRIPBus: Sendable {
    /// Connects, stays connected, and returns when its task is cancelled.
    ///
    /// It connects again, for as long as it runs, after it has lost a connection or could make none. Whether it is
    /// connected is told by ``GRIPBusReceiver/stateChanged(_:)``. Once its task is cancelled, it sends what it has taken, for
    /// a second at most, and returns.
    ///
    /// The other functions may be called before it and after it: attended channels are remembered, and ``publish(_:)``
    /// refuses with ``GRIPBusAcceptance/Refusal/disconnected``.
    ///
    /// - Parameter receiver: Who hears what arrives, what may be missing and whether the bus is connected.
    /// - Throws: An error that no other attempt can mend, such as one of the configuration. The proxy logs its description,
    ///   which therefore must hold no secret, and goes on without the bus.
    func run(_ receiver: any GRIPBusReceiver) async throws

    /// Learns that this instance has subscribers of channels from now on.
    ///
    /// It neither waits nor fails: without a connection the channels are remembered.
    ///
    /// - Parameter channels: The names of the channels, with the prefixes of routes.
    func attend(_ channels: [String])

    /// Learns that this instance has no subscribers of channels any more.
    ///
    /// Publications of these channels may still be received for a time.
    ///
    /// - Parameter channels: The names of the channels, which are attended.
    func ignore(_ channels: [String])

    /// Hands publications over to other instances, and returns at once.
    ///
    /// They are taken as a whole or not at all. Taken does not mean received: the connection can break before they are
    /// sent, and others may have no subscribers.
    ///
    /// - Parameter publications: What this instance publishes, in order.
    /// - Returns: Whether they are taken, or why not.
    func publish(_ publications: [GRIPPublication]) -> GRIPBusAcceptance

    /// What the bus has counted, which the proxy shows among its metrics.
    ///
    /// It is asked for once a second and whenever metrics are asked for, from any thread. A bus that counts nothing has
    /// zeros.
    var counts: GRIPBusCounts { get }
}

extension GRIPBus {
    /// Zeros, unless a bus counts something.
    public var counts: GRIPBusCounts { GRIPBusCounts() }
}
