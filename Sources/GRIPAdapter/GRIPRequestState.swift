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

    /// The id of the last event that an `EventSource` has seen (`Last-Event-ID`), when it connects again.
    ///
    /// The client says so, with or without a proxy; `nil` where it says nothing, or where the request was inspected
    /// without its fields.
    public let lastEventID: String?

    /// The path and query of the request, as far as they are known.
    let target: String?

    /// The path of the request, cut, as a log may show it.
    var path: String? { self.target.map(Self.path) }

    /// The path of a target, cut: queries hold secrets, and clients choose how long it is.
    static func path(_ target: String) -> String {
        LogText.path(target)
    }

    /// Who has looked at the request; `nil` in the state that a context begins with.
    public let origin: GRIPOrigin?

    /// The state of a request that nobody has looked at: not proxied.
    public init() {
        self.init(isProxied: false, isSigned: false, needsSignature: false, request: Self.empty, head: nil, origin: nil)
    }

    private static let empty = GRIPRequest(fields: [:])

    init(
        isProxied: Bool,
        isSigned: Bool,
        needsSignature: Bool,
        request: GRIPRequest,
        head: HTTPRequest?,
        origin: GRIPOrigin?
    ) {
        self.isProxied = isProxied
        self.isSigned = isSigned
        self.needsSignature = needsSignature
        self.request = request
        self.lastEventID = head?.headerFields[.lastEventID]
        self.target = head?.path
        self.origin = origin
    }

    /// What the proxy can do (`Grip-Feature`); nothing where there is no proxy.
    public var features: Set<GRIPFeature> { self.isProxied ? self.request.features : [] }

    /// How many channels the proxy takes for a connection, before it leaves out the others.
    ///
    /// It is `nil` where there is no proxy, or one that does not say. The proxies of this package say it. Pushpin does not,
    /// and takes 20 unless it is configured otherwise.
    public var channelLimit: Int? { self.isProxied ? self.request.channelLimit : nil }

    /// Whether the proxy lets one know that it can do something that not every proxy can; false where there is no proxy.
    ///
    /// - Parameter capability: What it should be able to do.
    /// - Returns: True when the proxy announces what tells.
    public func supports(_ capability: GRIPCapability) -> Bool { self.features.contains(capability.feature) }

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
