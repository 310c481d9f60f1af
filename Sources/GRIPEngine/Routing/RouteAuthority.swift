import GRIP

/// A host and a port as a `Host` header or a target writes them.
package struct RouteAuthority: Sendable, Hashable {
    /// The host in lower case, an IPv6 address without brackets.
    package let host: String
    package let port: Int?

    /// Reads `host`, `host:port`, `[address]` or `[address]:port`.
    ///
    /// - Parameter text: The text of a `Host` header or a target.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        // Nothing that could end a header line or a path belongs here.
        guard bytes.allSatisfy({ $0 > .space && $0 < 0x7F && !"/@?#,".utf8.contains($0) }) else { return nil }
        let host: ArraySlice<UInt8>
        var rest: ArraySlice<UInt8>
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = bytes[1..<end]
            rest = bytes[(end + 1)...]
            guard host.contains(UInt8(ascii: ":")) else { return nil }
        } else {
            let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            host = bytes[..<end]
            rest = bytes[end...]
        }
        guard !host.isEmpty else { return nil }
        self.host = String(decoding: host.map(\.lowercased), as: UTF8.self)
        guard let colon = rest.popFirst() else {
            self.port = nil
            return
        }
        guard colon == UInt8(ascii: ":"), !rest.isEmpty, rest.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(String(decoding: rest, as: UTF8.self)), port > 0
        else { return nil }
        self.port = Int(port)
    }
}
