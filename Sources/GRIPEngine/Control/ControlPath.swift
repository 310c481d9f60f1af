import GRIP
import HTTPTypes

/// What a request to the control API is about.
enum ControlPath: Sendable, Hashable {
    case root
    case publish
    case recover
    case metrics
    case connections(query: Substring)
    case connection(id: UInt64)
    case channels(query: Substring)
    case channel(name: String)
    case presence(channel: String)
    case member(key: String, channel: String)
    /// It is known what it is about, and cannot be read.
    case invalid(reason: String)

    /// Reads a request target.
    ///
    /// One slash at the end does not count. Pushpin has no queries: with one its paths are not known. The paths that it
    /// does not have take queries.
    init?(target: String) {
        let bytes = target.utf8
        let queryStart = bytes.firstIndex(of: UInt8(ascii: "?"))
        var path = target[..<(queryStart ?? target.endIndex)]
        if path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path = Substring(path.utf8.dropLast()) }
        let query = queryStart.map { target[bytes.index(after: $0)...] } ?? ""
        switch path {
        case "/" where queryStart == nil: self = .root
        case "/publish" where queryStart == nil: self = .publish
        case "/recover" where queryStart == nil: self = .recover
        case "/metrics": self = .metrics
        case "/connections": self = .connections(query: query)
        case "/channels": self = .channels(query: query)
        default:
            if path.utf8.starts(with: "/presence/".utf8) {
                self.init(presence: path)
            } else {
                self.init(element: path)
            }
        }
    }

    /// Reads `/presence/{channel}` and `/presence/{channel}/{key}`.
    private init?(presence path: Substring) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst(2)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let names = parts.map { PercentCoding.decode(Substring($0)) }
        guard let channel = names[0], let last = names[names.count - 1] else {
            self = .invalid(reason: "it is not percent-encoded UTF-8")
            return
        }
        self = names.count == 1 ? .presence(channel: channel) : .member(key: last, channel: channel)
    }

    private init?(element path: Substring) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, !parts[2].isEmpty else { return nil }
        let last = Substring(parts[2])
        switch Substring(parts[1]) {
        case "connections":
            guard let id = ControlQuery.id(last) else { return nil }
            self = .connection(id: id)
        case "channels":
            guard let name = PercentCoding.decode(last) else { return nil }
            self = .channel(name: name)
        default: return nil
        }
    }

    private static let writing: [HTTPRequest.Method] = [.post]
    private static let reading: [HTTPRequest.Method] = [.get, .head]
    private static let readingAndEnding: [HTTPRequest.Method] = [.get, .head, .delete]
    private static let ending: [HTTPRequest.Method] = [.delete]

    /// The methods that it has, or nothing when it has all.
    var allowed: [HTTPRequest.Method]? {
        switch self {
        case .root, .invalid: nil
        case .publish, .recover: Self.writing
        case .metrics, .connections, .channels, .channel, .presence: Self.reading
        case .connection: Self.readingAndEnding
        case .member: Self.ending
        }
    }
}
