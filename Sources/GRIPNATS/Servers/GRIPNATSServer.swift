import GRIP
import NIOCore

/// Where a server is, and how to show it who the client is.
///
/// ```swift
/// let servers = try GRIPNATSServer.list("nats://user:password@a.example:4222,b.example")
/// ```
///
/// A server never shows the credentials of its URL.
public struct GRIPNATSServer: Sendable {
    /// The port of a URL without one.
    public static let defaultPort = 4222

    /// The host name or the IP address, without brackets.
    public let host: String
    /// The port.
    public let port: Int
    /// Whether nothing may be sent without TLS, as `tls://` says.
    ///
    /// Without it, TLS is used where the server wants it.
    public let requiresTLS: Bool
    /// The credentials in the URL, a user with a password or a token; they count for this server where the configuration
    /// has none.
    public let credentials: GRIPNATSCredentials?
    /// The name that the certificate must be for, where it is not the host.
    package var certificateName: String?

    package init(
        host: String,
        port: Int,
        requiresTLS: Bool = false,
        credentials: GRIPNATSCredentials? = nil,
        certificateName: String? = nil
    ) {
        self.host = host
        self.port = port
        self.requiresTLS = requiresTLS
        self.credentials = credentials
        self.certificateName = certificateName
    }

    /// Reads a URL.
    ///
    /// - Parameter url: `nats://host`, `tls://host` or the host alone, each with or without a port, and with or without
    ///   `user:password@` or `token@` before the host, percent-encoded.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/url``. It never quotes the URL, which may hold a password.
    public init(_ url: String) throws(GRIPNATSError) {
        var rest = url.trimmingASCIIWhitespace()
        var scheme = "nats"
        if let separator = rest.firstRange(of: "://") {
            scheme = rest[..<separator.lowerBound].lowercased()
            rest = rest[separator.upperBound...]
        }
        guard scheme == "nats" || scheme == "tls" else {
            throw GRIPNATSError(.url, "the URL of a NATS server begins with nats:// or tls://")
        }
        if rest.utf8.last == UInt8(ascii: "/") { rest = rest.dropLast() }
        guard
            !rest.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
            )
        else {
            throw GRIPNATSError(
                .url,
                "the URL of a NATS server has neither a path nor a query; write / as %2F in a password"
            )
        }
        var credentials: GRIPNATSCredentials?
        if let at = rest.lastIndex(of: "@") {
            credentials = try Self.credentials(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        let address = try Self.address(rest)
        self.init(host: address.host, port: address.port, requiresTLS: scheme == "tls", credentials: credentials)
    }

    /// Reads several URLs with commas between them.
    ///
    /// - Parameter text: The URLs; white space around them counts for nothing. A comma in a password is `%2C`. After the
    ///   first one, a URL with `user:password@` or `token@` has a scheme.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/url``, also when there is none.
    /// - Returns: The servers, in order.
    public static func list(_ text: String) throws(GRIPNATSError) -> [GRIPNATSServer] {
        let urls = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { Substring($0) }
        // What stands before the @ may be the second part of a password, and the server before it the first one.
        guard !urls.dropFirst().contains(where: { $0.contains("@") && $0.firstRange(of: "://") == nil }) else {
            throw GRIPNATSError(
                .url,
                "in a list of NATS servers, a URL with a user, password or token begins with nats:// or tls://; "
                    + "write a comma in a password as %2C"
            )
        }
        var servers: [GRIPNATSServer] = []
        for url in urls { servers.append(try GRIPNATSServer(String(url))) }
        return servers
    }

    private static func credentials(_ text: Substring) throws(GRIPNATSError) -> GRIPNATSCredentials {
        let colon = text.firstIndex(of: ":")
        guard let user = PercentCoding.decode(text[..<(colon ?? text.endIndex)]),
            let password = PercentCoding.decode(colon.map { text[text.index(after: $0)...] } ?? "")
        else {
            throw GRIPNATSError(
                .url,
                "the user, password or token in the URL of a NATS server is not percent-encoded UTF-8"
            )
        }
        guard !user.isEmpty else {
            throw GRIPNATSError(.url, "there is no user and no token before the @ in the URL of a NATS server")
        }
        guard colon != nil else { return .token(GRIPSecret(user)) }
        return .user(user, password: GRIPSecret(password))
    }

    /// Reads `host:port`, where the host may be an IPv6 address in brackets.
    package static func address(_ text: some StringProtocol) throws(GRIPNATSError) -> NATSServerAddress {
        let text = String(text)
        var host = text[...]
        var port: Substring?
        var isHost: (Substring) -> Bool = { Self.isHostName($0) }
        if text.utf8.first == UInt8(ascii: "["), let bracket = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<bracket]
            isHost = Self.isIPv6Address
            let rest = text[text.index(after: bracket)...]
            guard rest.isEmpty || rest.first == ":" else {
                throw GRIPNATSError(.url, "there is something between the IPv6 address and the port of a NATS server")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard isHost(host) else {
            throw GRIPNATSError(.url, "the URL of a NATS server has no host that can be looked up")
        }
        guard let port else { return NATSServerAddress(host: String(host), port: Self.defaultPort) }
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(port),
            (1...65535).contains(number)
        else {
            throw GRIPNATSError(
                .url,
                "the port of a NATS server is a number from 1 to 65535; IPv6 addresses stand in [ ]"
            )
        }
        return NATSServerAddress(host: String(host), port: number)
    }

    /// Whether a text can be looked up: letters, digits, `.`, `-`, `_`, and characters outside ASCII.
    ///
    /// Other characters come from a password that is not escaped, and would be shown.
    static func isHostName(_ text: some StringProtocol) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: byte >= 0x80
                }
            }
    }

    /// Whether a text consists of what IPv6 addresses do, with or without a zone.
    private static func isIPv6Address(_ text: Substring) -> Bool {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, (1...45).contains(address.utf8.count) else { return false }
        return address.utf8.allSatisfy { byte in
            byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") || Unicode.Scalar(byte).properties.isHexDigit
        } && (parts.count == 1 || Self.isHostName(parts[1]))
    }

    /// The name that the server's certificate must be for; `nil` for an address, against which it is checked then.
    package var nameForCertificate: String? {
        Self.isIPAddress(self.host) ? self.certificateName.flatMap { Self.isIPAddress($0) ? nil : $0 } : self.host
    }

    static func isIPAddress(_ host: String) -> Bool {
        do {
            _ = try SocketAddress(ipAddress: host, port: 1)
            return true
        } catch {
            return false
        }
    }

    package var address: NATSServerAddress { NATSServerAddress(host: self.host, port: self.port) }
}

extension GRIPNATSServer: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The host and the port; never the credentials.
    public var description: String { self.address.description }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// A mirror without children, so that dumping a server does not print its credentials.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
