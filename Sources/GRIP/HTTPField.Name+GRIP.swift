public import HTTPTypes

// Each name below is a constant that is a header token, so its check cannot fail.
extension HTTPField.Name {
    package static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is a header name") }
        return name
    }

    /// `Grip-Hold`: the mode of the hold, `response` or `stream`.
    public static let gripHold = Self.known("Grip-Hold")
    /// `Grip-Channel`: the channels of the hold, with prev-ids and filters.
    public static let gripChannel = Self.known("Grip-Channel")
    /// `Grip-Timeout`: how many seconds a response hold lasts.
    public static let gripTimeout = Self.known("Grip-Timeout")
    /// `Grip-Keep-Alive`: what a stream hold sends when it is idle.
    public static let gripKeepAlive = Self.known("Grip-Keep-Alive")
    /// `Grip-Link`: the next and the gone link.
    public static let gripLink = Self.known("Grip-Link")
    /// `Grip-Status`: the status the client sees in place of the origin's.
    public static let gripStatus = Self.known("Grip-Status")
    /// `Grip-Set-Meta`: the subscription's meta, which filters use.
    public static let gripSetMeta = Self.known("Grip-Set-Meta")
    /// `Grip-Expose-Headers`: the only headers that reach the client.
    public static let gripExposeHeaders = Self.known("Grip-Expose-Headers")
    /// `Grip-Sig`: the proxy's signed token.
    public static let gripSig = Self.known("Grip-Sig")
    /// `Grip-Feature`: what the proxy can do.
    public static let gripFeature = Self.known("Grip-Feature")
    /// `Grip-Last`: the last id the client has seen on a channel.
    public static let gripLast = Self.known("Grip-Last")
    /// `Grip-Session-Id`: the proxy's session of the client.
    public static let gripSessionID = Self.known("Grip-Session-Id")
    /// `Grip-Left-Out`: the channels that a WebSocket is not subscribed to, because it had as many as it may.
    public static let gripLeftOut = Self.known("Grip-Left-Out")
    /// `Grip-Bus-Refused`: why other instances of a proxy do not get what was published, in an answer of the control API.
    package static let gripBusRefused = Self.known("Grip-Bus-Refused")
    /// `Last-Event-ID`: the id of the last event that an `EventSource` has seen.
    package static let lastEventID = Self.known("Last-Event-ID")
    /// `X-Accel-Buffering`: whether an nginx on the way may hold back a response until it has more of it.
    package static let accelBuffering = Self.known("X-Accel-Buffering")
    /// `Connection-Id`: the WebSocket connection a WebSocket-over-HTTP request belongs to.
    public static let connectionID = Self.known("Connection-Id")
}
