public import GRIP

/// Where the bus between instances is, and how it is reached.
///
/// What kind of bus it is follows from the scheme of its URLs. `GRIPNATS` makes buses and publishers for `nats://` and
/// `tls://`.
///
/// ```swift
/// let bus = GRIPBusConfiguration(url: "nats://a.example,nats://b.example", prefix: "shop")
/// ```
public struct GRIPBusConfiguration: Sendable, Hashable {
    /// The URLs of the servers, each with or without `user:password@` or `token@`; without any there is no bus.
    ///
    /// All belong to one cluster: an instance is connected to one of them at a time.
    public var urls: [GRIPSecret] = []

    /// What the names of the bus begin with.
    ///
    /// All instances and workers of an application have the same, and other applications on these servers have others.
    public var prefix = "grip"

    /// The user that the servers know, where the URLs name none; it goes with ``password``.
    public var user: String?
    /// The password of ``user``.
    public var password: GRIPSecret?
    /// A token in place of a user.
    public var token: GRIPSecret?
    /// The seed of a key in place of a user; with NATS, that of a user's nkey, which begins with `SU`.
    public var seed: GRIPSecret?
    /// A file with credentials in place of a user; with NATS, one as `nsc` writes it (`.creds`).
    public var credentialsFile: String?

    /// A file with the certificates of the authorities to trust in place of the machine's, in PEM.
    public var certificateAuthorityFile: String?
    /// A file with the certificate that this side shows, and those it is signed by, in PEM.
    public var certificateFile: String?
    /// A file with the key of that certificate, in PEM.
    public var keyFile: String?
    /// The name that the servers' certificates must be for, where it is not the host of the URL.
    public var serverName: String?
    /// Whether TLS comes before the first byte of a server, as servers of NATS with `handshake_first` want it.
    public var startsTLSAtOnce = false

    /// How many bytes may wait to be sent to the server; 8,388,608 by default.
    ///
    /// What comes beyond is refused.
    public var waitingBytes = 8_388_608
    /// The largest message that is taken from others, in bytes; 67,108,864 by default.
    ///
    /// Larger ones are skipped.
    public var messageBytes = 67_108_864

    /// Makes a configuration with the defaults, which has no bus.
    public init() {}

    /// Makes a configuration with the defaults for the rest.
    ///
    /// - Parameters:
    ///   - url: The URLs of the servers, with commas between them; a comma in a password is `%2C`.
    ///   - prefix: What the names of the bus begin with.
    public init(url: GRIPSecret, prefix: String = "grip") {
        self.urls = Self.urls(in: url.text)
        self.prefix = prefix
    }

    /// Whether there is a bus.
    public var isEnabled: Bool { !self.urls.isEmpty }

    /// URLs with commas or white space between them.
    package static func urls(in text: String) -> [GRIPSecret] {
        text.split(whereSeparator: { $0.isWhitespace || $0 == "," }).map { GRIPSecret(String($0)) }
    }
}
