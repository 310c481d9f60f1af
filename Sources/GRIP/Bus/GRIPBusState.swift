/// Whether a ``GRIPBus`` reaches other instances.
public enum GRIPBusState: Sendable, Hashable {
    /// The bus is connected to a server that takes publications, and the interest of this instance is with it.
    case connected
    /// The bus is not connected and goes on trying.
    ///
    /// The reason says what happened, in words for the person who can mend it, and holds no secret.
    case disconnected(reason: String)

    /// Whether the bus is connected.
    public var isConnected: Bool { self == .connected }
}
