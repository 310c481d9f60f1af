public import GRIP
import HTTPTypes

/// What an origin knows about the way a request has come: through a GRIP proxy or not, and what that can do.
public struct GRIPRequestState: Sendable {
    /// Whether the request came through a GRIP proxy, as far as the configuration lets one tell.
    ///
    /// Where all proxies sign for us, only a valid signature counts; where one does not, the presence of a signature
    /// does, which anybody can add.
    public let isProxied: Bool

    /// Whether the request carries a valid signature of one of our proxies.
    public let isSigned: Bool

    /// Whether only a signed request counts as proxied, because we can verify all our proxies.
    public let needsSignature: Bool

    /// What the proxy says in the request's headers; believe it only as far as ``isProxied`` goes.
    ///
    /// Its meta is only there where ``isSigned`` is true.
    public let request: GRIPRequest

    /// Who has looked at the request; nobody yet in the state that a context begins with.
    package let origin: GRIPOrigin?

    /// The state of a request that nobody has looked at: not proxied.
    public init() {
        self.init(isProxied: false, isSigned: false, needsSignature: false, request: Self.empty, origin: nil)
    }

    private static let empty = GRIPRequest(fields: [:])

    package init(isProxied: Bool, isSigned: Bool, needsSignature: Bool, request: GRIPRequest, origin: GRIPOrigin?) {
        self.isProxied = isProxied
        self.isSigned = isSigned
        self.needsSignature = needsSignature
        self.request = request
        self.origin = origin
    }

    /// What the proxy can do (`Grip-Feature`); nothing where there is no proxy.
    public var features: Set<GRIPFeature> { self.isProxied ? self.request.features : [] }

    /// By channel, the id of the last item the client has seen (`Grip-Last`); nothing where there is no proxy.
    ///
    /// The channels are named as handlers name them, without the application's prefix; those of other applications are
    /// not among them.
    public var lastIDs: [String: String] {
        guard self.isProxied else { return [:] }
        guard let prefix = self.origin?.configuration.prefix.text, !prefix.isEmpty else { return self.request.lastIDs }
        var result: [String: String] = [:]
        for (channel, id) in self.request.lastIDs where channel.utf8.starts(with: prefix.utf8) {
            result[String(Substring(channel.utf8.dropFirst(prefix.utf8.count)))] = id
        }
        return result
    }
}
