/// What is the same for all WebSockets of a route and a target.
package struct WebSocketRelayConfiguration: Sendable, Hashable {
    /// Who follows what the origin says to the proxy.
    package enum GRIPRole: Sendable, Hashable {
        /// Nobody: the route does no GRIP.
        case off
        /// This proxy.
        case followed
        /// The client, which is a GRIP proxy that is trusted.
        case relayed
    }

    package var gripRole = GRIPRole.followed
    /// Put before the names of channels that origins give.
    package var channelPrefix = ""
    /// The channels of every connection, by their full names.
    package var implicitChannels: [String] = []
    /// How many channels a connection has at most; more are left out.
    package var maximumSubscriptions = 20
    /// How much meta a connection has at most, in bytes of names and values.
    package var maximumMetaSize = 16_384
    /// How much of a client waits for the origin before no more is read from the client, in bytes.
    package var maximumPendingBytes = 200_000
    /// How much waits for the end of a fragmented message of the origin, in bytes.
    package var maximumQueuedBytes = 200_000
    /// Whether a request carries only one event.
    package var sendsOneEvent = false
    /// How long the other side may take to answer a Close frame.
    package var closeTimeout: Duration = .seconds(10)
    /// Whether Close frames tell clients what the origin did wrong.
    package var isDebugging = false

    package init() {}
}
