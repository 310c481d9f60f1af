/// How a proxy holds a client's connection after the origin has answered (`Grip-Hold`).
public struct GRIPHold: Sendable, Hashable {
    /// The two ways to hold an HTTP connection.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Nothing is sent until one item is published or the time is over: long-polling.
        case response
        /// The response is sent at once and stays open; each published item is appended: streaming.
        case stream
    }

    /// The way of holding.
    public let mode: Mode

    /// How long a response hold lasts until the origin's own response is sent, in whole seconds.
    ///
    /// Nothing means the proxy's default, 55 seconds with Pushpin, which also raises less than 5 seconds to 5.
    public let timeout: Duration?

    /// What a stream hold sends to keep the connection open.
    public let keepAlive: GRIPKeepAlive?

    package init(mode: Mode, timeout: Duration?, keepAlive: GRIPKeepAlive?) {
        self.mode = mode
        self.timeout = timeout
        self.keepAlive = keepAlive
    }

    /// A response hold: long-polling.
    ///
    /// - Parameter timeout: How long to wait for an item, rounded up to whole seconds; less than nothing is nothing.
    ///   Without it the proxy decides.
    /// - Returns: The hold.
    public static func response(timeout: Duration? = nil) -> GRIPHold {
        GRIPHold(mode: .response, timeout: timeout.map { .seconds($0.wholeSeconds) }, keepAlive: nil)
    }

    /// A stream hold: HTTP streaming, also of server-sent events.
    ///
    /// - Parameter keepAlive: What to send while nothing is published.
    /// - Returns: The hold.
    public static func stream(keepAlive: GRIPKeepAlive? = nil) -> GRIPHold {
        GRIPHold(mode: .stream, timeout: nil, keepAlive: keepAlive)
    }
}
