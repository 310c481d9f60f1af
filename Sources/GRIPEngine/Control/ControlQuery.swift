import GRIP

/// A query that is not understood, in words for the client.
struct ControlQueryError: Error, Hashable {
    let reason: String
}

/// The query of a list: which part of it is asked for.
struct ControlQuery: Sendable, Hashable {
    /// More elements are not in one answer.
    static let maximumLimit = 1000

    private(set) var limit = 100
    private(set) var after: String?
    private(set) var channel: String?

    /// Reads `name=value&name=value`.
    ///
    /// - Parameters:
    ///   - query: What stands after the question mark.
    ///   - names: The names that may be in it.
    init(_ query: Substring, names: Set<String>) throws(ControlQueryError) {
        for part in query.utf8.split(separator: UInt8(ascii: "&")).map(Substring.init) {
            let end = part.utf8.firstIndex(of: .equals) ?? part.endIndex
            guard let name = PercentCoding.decode(part[..<end]), names.contains(name) else {
                throw ControlQueryError(reason: "unknown parameter")
            }
            guard let value = PercentCoding.decode(Substring(part[end...].utf8.dropFirst())) else {
                throw ControlQueryError(reason: "'\(name)' is not percent-encoded")
            }
            try self.set(name, to: value)
        }
    }

    private mutating func set(_ name: String, to value: String) throws(ControlQueryError) {
        switch name {
        case "limit":
            guard let limit = Int(value), (1...Self.maximumLimit).contains(limit) else {
                throw ControlQueryError(reason: "'limit' is not a number from 1 to \(Self.maximumLimit)")
            }
            self.limit = limit
        case "after": self.after = value
        case "channel": self.channel = value
        default: break
        }
    }

    /// Reads the id of a connection as it is written in lists.
    static func id(_ text: some StringProtocol) -> UInt64? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(text)
    }
}
