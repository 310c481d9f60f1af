import GRIP

/// A URI that a link names, split into its parts (RFC 3986).
package struct URIReference: Sendable, Hashable {
    /// In lower case.
    package var scheme: String?
    package var authority: String?
    /// The path with the query, without the fragment.
    package var path: String

    /// Splits a URI.
    ///
    /// - Parameter text: A URI or a reference to one.
    /// - Returns: Nothing when it has blanks, control characters or other bytes that a request line cannot hold.
    package init?(_ text: String) {
        var rest = Substring(text)
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        if let colon = rest.firstIndex(of: ":"), Self.isScheme(rest[..<colon]) {
            self.scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if rest.utf8.starts(with: "//".utf8) {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            self.authority = String(rest[..<end])
            rest = rest[end...]
        }
        self.path = String(rest)
    }

    /// Whether a reference names its whole path, and not one from where the reference stands.
    package var isAbsolute: Bool { self.authority != nil || self.path.utf8.first == UInt8(ascii: "/") }

    package init(scheme: String, authority: String, path: String) {
        self.scheme = scheme
        self.authority = authority
        self.path = path
    }

    /// Resolves a reference against this URI.
    ///
    /// - Parameter reference: What a link says.
    /// - Returns: A URI with scheme and authority.
    package func resolving(_ reference: URIReference) -> URIReference {
        if reference.scheme != nil, reference.scheme != self.scheme || reference.authority != nil {
            return reference.normalized
        }
        var target = self
        if let authority = reference.authority {
            target.authority = authority
            target.path = reference.path
        } else if reference.path.isEmpty {
            return self
        } else if reference.path.utf8.first == UInt8(ascii: "/") {
            target.path = reference.path
        } else if reference.path.utf8.first == UInt8(ascii: "?") {
            target.path = String(self.path.prefix { $0 != "?" }) + reference.path
        } else {
            let path = self.path.prefix { $0 != "?" }
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
            target.path = folder + reference.path
        }
        return target.normalized
    }

    /// The same with a path that begins with a slash and has no `.` and `..` segments.
    private var normalized: URIReference {
        var result = self
        let query = self.path.firstIndex(of: "?") ?? self.path.endIndex
        var segments: [Substring] = []
        let parts = self.path[..<query].split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch part {
            case "." where isLast: segments.append("")
            case ".": continue
            case "..":
                if segments.count > 1 { segments.removeLast() }
                if isLast { segments.append("") }
            default: segments.append(part)
            }
        }
        var path = segments.joined(separator: "/")
        if path.utf8.first != UInt8(ascii: "/") { path = "/" + path }
        result.path = path + self.path[query...]
        return result
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first | 0x20 >= 0x61, first | 0x20 <= 0x7A else { return false }
        return text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "+-.".utf8.contains(byte)
        }
    }
}
