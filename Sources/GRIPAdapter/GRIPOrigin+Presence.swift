public import GRIP

extension GRIPOrigin {
    /// Who is on which channel: whom handlers have named with `GRIPChannel(_:member:)` in holds and WebSockets.
    ///
    /// There is presence where the proxy is a part of the application, from when its server is made. Elsewhere all calls
    /// throw `GRIPPresenceError.unavailable`, which says what to do instead. Channels are those of the handlers, without the
    /// prefix of ``GRIPConfiguration/prefix``.
    public var presence: any GRIPPresence {
        if let embedding = self.currentEmbedding { return embedding.presence }
        guard self.configuration.proxies.isEmpty else { return UnavailablePresence(reason: Self.otherProxies) }
        return UnavailablePresence(
            reason: "no proxy is a part of this application; make its server with .grip(grip)"
        )
    }

    /// Why there is no presence behind other proxies.
    package static let otherProxies =
        "clients are held by other proxies, which this application has from GRIP_URL; grip proxy tells who is there with "
        + "GET /presence/{channel} on its control API, and behind Pushpin and Fanout gone links and DISCONNECT events tell "
        + "who has left"
}

/// Where there is no presence.
struct UnavailablePresence: GRIPPresence {
    let reason: String

    private var error: GRIPPresenceError { .unavailable(reason: self.reason) }

    func members(of channel: String) async throws(GRIPPresenceError) -> GRIPPresenceSnapshot { throw self.error }

    func changes(of channel: String) -> GRIPPresenceChanges { GRIPPresenceChanges(throwing: self.error) }

    func kick(_ key: String, from channel: String) async throws(GRIPPresenceError) { throw self.error }
}
