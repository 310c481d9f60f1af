/// What hears from a ``GRIPBus``: a proxy, or a test.
///
/// The bus calls it from any thread, one call at a time and in the order in which things happened. All but
/// ``waitForRoom()`` return at once, so that a bus can call them on its event loop.
public protocol GRIPBusReceiver: Sendable {
    /// Takes publications of other instances.
    ///
    /// Those of channels that nobody here is subscribed to are left aside. What has been read from a network is made with
    /// ``GRIPPublication/parse(json:)``, which refuses line ends in ids and names.
    ///
    /// - Parameter publications: What has arrived, in the order of its arrival.
    func receive(_ publications: [GRIPPublication])

    /// Learns that publications of other instances may not have arrived and will not.
    ///
    /// A proxy lets the clients of these channels look at their origins, spread over some seconds. After a lost connection
    /// the bus therefore calls it when the interest of this instance is with the server again, and not before.
    ///
    /// - Parameter gap: What channels it is about, and why.
    func missed(_ gap: GRIPBusGap)

    /// Learns that the bus has connected, or is not connected any more.
    ///
    /// Before the first call the bus counts as disconnected. It is called for changes; where it is called for the same
    /// state again, nothing happens.
    ///
    /// - Parameter state: The state from now on.
    func stateChanged(_ state: GRIPBusState)

    /// Whether publications can be handed out as fast as they come.
    ///
    /// A bus that can keep its server waiting asks after ``receive(_:)`` and, when the answer is `false`, reads no more
    /// before ``waitForRoom()`` returns. One that cannot goes on; what then comes too fast is left out by the receiver, which
    /// does for these channels what it does for a gap.
    var hasRoom: Bool { get }

    /// Returns when there is room for more publications.
    func waitForRoom() async
}

extension GRIPBusReceiver {
    /// Whether publications can be handed out as fast as they come: always, unless a receiver says otherwise.
    public var hasRoom: Bool { true }

    /// Returns at once, unless a receiver does otherwise.
    public func waitForRoom() async {}
}
