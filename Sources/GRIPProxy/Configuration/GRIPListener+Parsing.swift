import GRIP
package import GRIPPublisher

extension GRIPListener {
    /// The longest path of a socket that all systems take, in bytes.
    static let maximumPathLength = 103

    /// Reads an address as users write it: `7999`, `*:7999`, `127.0.0.1:7999`, `[::1]:80` or `unix:/path`.
    ///
    /// - Parameters:
    ///   - text: The address.
    ///   - defaultHost: The host where only a port is given.
    ///   - folder: What a relative path is relative to, or nothing for the working directory.
    /// - Throws: `InvalidValue` telling what is wrong with it.
    package init(_ text: String, defaultHost: String, folder: String? = nil) throws(InvalidValue) {
        if text.hasBytePrefix("unix:") {
            let path = FileLocation.resolve(String(text.dropFirst("unix:".count)), in: folder)
            guard !path.isEmpty, !path.hasSuffix("/"), !path.utf8.contains(0) else {
                throw InvalidValue("'\(text)' has no path of a socket; write unix:/path")
            }
            guard path.utf8.count <= Self.maximumPathLength else {
                throw InvalidValue("the path of a socket is at most \(Self.maximumPathLength) bytes long")
            }
            self = .unixDomainSocket(path: path)
            return
        }
        if let port = Self.port(text) {
            self = .tcp(host: defaultHost, port: port)
            return
        }
        guard let (host, port) = Self.hostAndPort(text) else {
            throw InvalidValue("'\(text)' is not an address; write 7999, 127.0.0.1:7999, [::1]:7999 or unix:/path")
        }
        self = .tcp(host: host, port: port)
    }

    private static func hostAndPort(_ text: String) -> (String, Int)? {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
            let port = Self.port(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        let isLiteral = host.hasBytePrefix("[")
        if isLiteral {
            guard host.utf8.last == UInt8(ascii: "]") else { return nil }
            host = host.dropFirst().dropLast()
        }
        // An IPv6 address without brackets could end in its port or in a part of itself.
        guard host.utf8.contains(UInt8(ascii: ":")) == isLiteral, !host.isEmpty else { return nil }
        guard host.utf8.allSatisfy({ $0 > .space && $0 < 0x7F && !"[]/@,".utf8.contains($0) }) else { return nil }
        return (String(host), port)
    }

    private static func port(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return UInt16(text).map(Int.init)
    }
}
