/// Something that not every proxy can do, and how a proxy lets one know that it can.
///
/// ```swift
/// if context.grip.supports(.webSocketRefresh) { … }
/// ```
///
/// Proxies announce less than they can: a capability without a word of its own in `Grip-Feature` counts as supported from
/// the first version of Pushpin on that announces something else. A proxy of a version between may be able to do it all
/// the same.
public struct GRIPCapability: Sendable, Hashable, CustomStringConvertible {
    /// What it is, in words.
    public let description: String
    /// What a proxy that can do it announces.
    public let feature: GRIPFeature
    /// Since which version Pushpin can do it, `nil` where all versions in use can.
    public let pushpinVersion: String?

    private init(_ description: String, _ feature: GRIPFeature, since pushpinVersion: String? = nil) {
        self.description = description
        self.feature = feature
        self.pushpinVersion = pushpinVersion
    }

    /// `Grip-Status`: the client sees a status that the origin does not answer with.
    public static let status = GRIPCapability("statuses in instructions", .status)
    /// Next links are followed.
    public static let nextLinks = GRIPCapability("next links", .linkNext)
    /// Gone links are posted to when a client is gone.
    public static let goneLinks = GRIPCapability("gone links", .linkGone, since: "1.41")
    /// A published `.webSocketRefresh` makes the requests of WebSockets at once.
    ///
    /// Pushpin has it from 1.38 on and announces
    /// what tells from 1.41 on; a proxy without it refuses the publish with status 400.
    public static let webSocketRefresh = GRIPCapability("refreshing WebSockets", .linkGone, since: "1.38")
    /// ``WebSocketSession/contentBytesAccepted`` lets a handler deal with a part of a batch.
    public static let acceptedBytes = GRIPCapability("accepting a part of a batch", .linkGone, since: "1.41")
    /// A rejected WebSocket handshake has the status, the reason and the headers of the origin's answer.
    public static let rejectionDetails = GRIPCapability(
        "headers of rejected WebSockets",
        .linkGone,
        since: "1.37"
    )

    /// A filter is known.
    ///
    /// - Parameter filter: The filter.
    /// - Returns: The capability of running it.
    public static func filter(_ filter: GRIPFilter) -> GRIPCapability {
        GRIPCapability("the filter \(filter.name)", .filter(filter))
    }
}
