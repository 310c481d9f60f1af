import GRIPEngine
import HTTPTypes

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes a line for each request, hold and WebSocket of a client when it is over.
final class AccessLogger: Sendable {
    private let isJSON: Bool
    private let query: AccessLogEntry.Query
    private let textLimit: Int
    private let write: @Sendable (String) -> Void

    /// Makes a logger.
    ///
    /// - Returns: `nil` when the access log is off.
    init?(
        _ configuration: GRIPProxyServerConfiguration.AccessLog,
        textLimit: Int,
        write: @escaping @Sendable (String) -> Void
    ) {
        guard configuration.format != .off else { return nil }
        self.isJSON = configuration.format == .json
        self.query = configuration.query == .names ? .names : .off
        self.textLimit = textLimit
        self.write = write
    }

    /// Notes that something begins.
    ///
    /// - Parameters:
    ///   - request: The request, or `nil` for one that is not valid.
    ///   - connection: The id of the client's connection.
    ///   - client: Where the client is.
    ///   - isWebSocket: Whether the client asks for a WebSocket.
    func begin(
        _ request: ClientRequest?,
        connection: UInt64,
        client: String,
        isWebSocket: Bool = false
    ) -> AccessRecord {
        var entry = AccessLogEntry(time: Self.timestamp, connection: connection, client: client)
        entry.textLimit = self.textLimit
        entry.method = request?.method.rawValue
        entry.authority = request?.authority
        entry.path = request?.path
        entry.isWebSocket = isWebSocket
        return AccessRecord(entry, logger: self)
    }

    fileprivate func end(_ entry: AccessLogEntry) {
        self.write(self.isJSON ? entry.json(query: self.query) : entry.text(query: self.query))
    }

    /// The time as RFC 3339 writes it, in UTC and with milliseconds.
    private static var timestamp: String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var seconds = now.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        let date =
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-"
            + digits(Int(parts.tm_mday), 2)
        let time = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
        return "\(date)T\(time).\(digits(now.tv_nsec / 1_000_000, 3))Z"
    }
}

/// What an access log will tell of something that is not over yet.
///
/// It belongs to one event loop, and is written once.
final class AccessRecord {
    var entry: AccessLogEntry
    /// Why it is about to end, where that is known before it does.
    var reason: ConnectionEnd?
    private let logger: AccessLogger
    private let start = ProxyClock.now
    private var isOver = false

    fileprivate init(_ entry: AccessLogEntry, logger: AccessLogger) {
        self.entry = entry
        self.logger = logger
    }

    /// Notes where the request goes.
    func take(_ route: Route) {
        guard route.line > 0 else { return }
        self.entry.route = route.id.map { "\(route.line):\($0)" } ?? "\(route.line)"
    }

    func take(_ destination: OriginDestination) {
        switch destination {
        case .server(let server):
            let isIPv6 = server.host.utf8.contains(UInt8(ascii: ":"))
            self.entry.target = "\(isIPv6 ? "[\(server.host)]" : server.host):\(server.port)"
        case .inProcess: self.entry.target = "in-process"
        case .test: self.entry.target = "test"
        }
    }

    /// Notes why it is about to end, unless that is known already.
    func willEnd(_ end: ConnectionEnd) { if self.reason == nil { self.reason = end } }

    /// Writes the line.
    ///
    /// - Parameter end: Why it is over, unless that was known before.
    func finish(_ end: ConnectionEnd) {
        guard !self.isOver else { return }
        self.isOver = true
        self.entry.end = self.reason ?? end
        self.entry.milliseconds = ProxyClock.now.milliseconds - self.start.milliseconds
        self.logger.end(self.entry)
    }
}
