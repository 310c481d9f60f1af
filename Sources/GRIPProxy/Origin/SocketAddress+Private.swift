import NIOCore

extension SocketAddress {
    /// Whether it belongs to this machine or to a private network, where an untrusted target must not lead.
    var isPrivate: Bool {
        switch self {
        case .unixDomainSocket: return true
        case .v4:
            guard let text = self.ipAddress else { return true }
            return Self.isPrivate(v4: text.split(separator: ".").compactMap { UInt8($0) })
        case .v6:
            guard let text = self.ipAddress?.lowercased() else { return true }
            if text.hasPrefix("::ffff:") {
                return Self.isPrivate(v4: text.dropFirst(7).split(separator: ".").compactMap { UInt8($0) })
            }
            // Loopback, unspecified, unique local (fc00::/7), link local (fe80::/10), multicast.
            return text == "::1" || text == "::" || text.hasPrefix("fc") || text.hasPrefix("fd")
                || ["fe8", "fe9", "fea", "feb", "ff"].contains { text.hasPrefix($0) }
        }
    }

    private static func isPrivate(v4 bytes: [UInt8]) -> Bool {
        guard bytes.count == 4 else { return true }
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168), (224...255, _): return true
        case (172, 16...31), (100, 64...127), (192, 0), (198, 18...19): return true
        default: return false
        }
    }
}
