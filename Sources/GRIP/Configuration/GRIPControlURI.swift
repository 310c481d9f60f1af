/// Where a proxy's control API is: what is left of a GRIP URL without its keys.
///
/// Its query may still hold a secret that we do not know as one. So descriptions leave the query out; ``uri`` has it.
public struct GRIPControlURI: Sendable, Hashable {
    /// `http` or `https`.
    public let scheme: String
    /// The host name or address; an IPv6 address stands in brackets.
    public let host: String
    /// The port, where one is given.
    public let port: Int?
    /// The path without a slash at its end; empty for the root.
    public let path: String
    /// The query without the question mark, or nothing.
    public let query: String?

    /// Reads a control URI.
    ///
    /// - Parameter text: `http` or `https`, a host, and optionally a port, a path and a query. Slashes at the end of
    ///   the path and a fragment are dropped.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/url`` when it is no such URI, or has user and password in it.
    public init(_ text: String) throws(GRIPError) {
        let parts = try URLParts(text)
        guard parts.userInfo == nil else {
            throw GRIPError(.url, "a control URI must not contain a user and password; give them separately")
        }
        self.init(parts, query: parts.query)
    }

    init(_ parts: URLParts, query: Substring?) {
        self.scheme = parts.scheme
        self.host = parts.host
        self.port = parts.port
        self.path = parts.path
        self.query = query.flatMap { $0.isEmpty ? nil : String($0) }
    }

    /// The URI to publish at: the path with `/publish/`, then the query.
    public var publishURI: String { self.text(path: self.path + "/publish/") }

    /// The whole URI as text, with its query.
    public var uri: String { self.text(path: self.path) }

    private func text(path: String) -> String { self.text(path: path, query: self.query.map { "?\($0)" } ?? "") }

    private func text(path: String, query: String) -> String {
        let port = self.port.map { ":\($0)" } ?? ""
        return "\(self.scheme)://\(self.host)\(port)\(path)\(query)"
    }
}

extension GRIPControlURI: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URI without its query.
    public var description: String {
        self.text(path: self.path, query: self.query == nil ? "" : "?(redacted)")
    }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// A mirror without children, so that dumping a URI does not print its query.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// An absolute HTTP URL, taken apart (RFC 3986 §3).
struct URLParts {
    var scheme: String
    var userInfo: Substring?
    var host: String
    var port: Int?
    /// Without slashes at the end.
    var path: String
    var query: Substring?

    init(_ text: String) throws(GRIPError) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw GRIPError(.url, "a GRIP URL has no blanks, control characters or letters beyond ASCII")
        }
        guard let colon = text.range(of: "://") else {
            throw GRIPError(.url, "a GRIP URL begins with 'http://' or 'https://'")
        }
        self.scheme = text[..<colon.lowerBound].lowercased()
        guard self.scheme == "http" || self.scheme == "https" else {
            throw GRIPError(.url, "a GRIP URL begins with 'http://' or 'https://'")
        }
        var rest = text[colon.upperBound...]
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        if let mark = rest.firstIndex(of: "?") {
            self.query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        let path = rest[slash...]
        // Over bytes: the comparison of a suffix would read the whole path for each slash.
        let pathEnd = path.utf8.lastIndex(where: { $0 != UInt8(ascii: "/") })
        self.path = pathEnd.map { String(path[...$0]) } ?? ""
        if let at = authority.lastIndex(of: "@") {
            self.userInfo = authority[..<at]
            authority = authority[authority.index(after: at)...]
        }
        (self.host, self.port) = try Self.hostAndPort(authority)
    }

    private static func hostAndPort(_ authority: Substring) throws(GRIPError) -> (String, Int?) {
        var host = authority
        var port: Int?
        let hostEnd = authority.firstIndex(of: "]") ?? authority.startIndex
        if let colon = authority[hostEnd...].lastIndex(of: ":") {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            if !digits.isEmpty {
                guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                    let number = Int(digits), (1...65535).contains(number)
                else { throw GRIPError(.url, "the port of a GRIP URL is a number from 1 to 65535") }
                port = number
            }
        }
        let isLiteral = host.hasPrefix("[") && host.hasSuffix("]")
        let inner = isLiteral ? host.dropFirst().dropLast() : host
        let isValid = inner.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"): isLiteral
            default: false
            }
        }
        guard !inner.isEmpty, isValid else { throw GRIPError(.url, "the host of a GRIP URL is missing or malformed") }
        return (String(host), port)
    }
}

extension StringProtocol {
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = self.startIndex
        while start < self.endIndex {
            if self[start...].hasPrefix(text) { return start..<self.index(start, offsetBy: text.count) }
            start = self.index(after: start)
        }
        return nil
    }
}
