/// Addresses of machines that are reached from inside only, or that are not one machine's at all.
package enum PrivateAddress {
    /// Whether four bytes are such an address (RFC 6890).
    package static func contains(v4 bytes: [UInt8]) -> Bool {
        guard bytes.count == 4 else { return true }
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (169, 254, _), (192, 168, _), (224...255, _, _): return true
        case (172, 16...31, _), (100, 64...127, _), (198, 18...19, _): return true
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): return true
        default: return false
        }
    }

    /// Whether sixteen bytes are such an address, or lead to one that is written in them.
    package static func contains(v6 bytes: [UInt8]) -> Bool {
        guard bytes.count == 16 else { return true }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        switch (groups[0], groups[1]) {
        // Unique local (fc00::/7), link local and site local (fe80::/9), multicast (ff00::/8).
        case (0xFC00...0xFDFF, _), (0xFE80...0xFEFF, _), (0xFF00...0xFFFF, _): return true
        // Discard only (100::/64), documentation (2001:db8::/32, 3fff::/20).
        case (0x0100, 0) where groups[2] == 0 && groups[3] == 0: return true
        case (0x2001, 0x0DB8), (0x3FFF, 0x0000...0x0FFF): return true
        // Benchmarking (2001:2::/48), and keys that are no addresses (2001:10::/28, 2001:20::/28).
        case (0x2001, 0x0002), (0x2001, 0x0010...0x002F): return true
        // Teredo has the client's address in its last four bytes, inverted.
        case (0x2001, 0):
            return Self.contains(v4: bytes[12...].map { ~$0 }) || Self.contains(v4: Array(bytes[4..<8]))
        // 6to4 has it in the bytes that follow.
        case (0x2002, _): return Self.contains(v4: Array(bytes[2..<6]))
        // Translation (RFC 6052): the well-known prefix has it at the end; that of RFC 8215 is for local use only.
        case (0x0064, 0xFF9B):
            return groups[2] != 0 || groups[3...5].contains { $0 != 0 } || Self.contains(v4: Array(bytes[12...]))
        // Unspecified, loopback, and addresses of IPv4 in their mapped, compatible and translated forms.
        case (0, 0) where groups[2] == 0 && groups[3] == 0:
            switch (groups[4], groups[5]) {
            case (0, 0), (0, 0xFFFF), (0xFFFF, 0): return Self.contains(v4: Array(bytes[12...]))
            default: return true
            }
        // Everything else that is not global unicast (2000::/3) is reserved.
        case (0x2000...0x3FFF, _):
            // ISATAP has it behind this identifier.
            guard groups[4] == 0 || groups[4] == 0x0200, groups[5] == 0x5EFE else { return false }
            return Self.contains(v4: Array(bytes[12...]))
        default: return true
        }
    }
}
