import Logging
import NIOCore

/// What is logged about a connection: each change once, however often a server causes it again.
struct NATSConnectionLog {
    /// How many complaints of a server are logged for each connection; further ones are counted only.
    static let maximumComplaints = 20

    private let logger: Logger?
    private let isToldElsewhere: Bool
    /// Why the servers could not be connected to when they were tried last.
    private var failures: [NATSServerAddress: GRIPNATSError] = [:]
    /// What the server has complained of on this connection, and on the one before.
    private var complaints: Set<String> = []
    private var earlierComplaints: Set<String> = []
    private var hasToldOfSkipped = false

    /// Makes a log of a connection that was never there.
    ///
    /// - Parameters:
    ///   - logger: Where it is logged.
    ///   - isToldElsewhere: Whether operators learn from somebody else that there is a connection or none.
    init(_ logger: Logger?, isToldElsewhere: Bool) {
        self.logger = logger
        self.isToldElsewhere = isToldElsewhere
    }

    /// Notes a connection.
    mutating func connected(to server: String, _ info: NATSServerInfo) {
        self.failures = [:]
        self.earlierComplaints = self.complaints
        self.complaints = []
        self.hasToldOfSkipped = false
        self.logger?.log(
            level: self.isToldElsewhere ? .debug : .info,
            "NATS: connected",
            metadata: ["server": "\(server)", "version": "\(info.version)"]
        )
    }

    /// Notes that there is no connection to a server.
    ///
    /// - Returns: Whether the reason is another one than when this server was tried before.
    mutating func failed(_ server: NATSServerAddress?, _ error: GRIPNATSError) -> Bool {
        if let server {
            guard self.failures[server] != error else { return false }
            // Servers that are named by others come and go.
            if self.failures.count >= NATSReconnection.maximumServers { self.failures = [:] }
            self.failures[server] = error
        }
        self.logger?.log(
            level: self.isToldElsewhere ? .debug : .warning,
            "NATS: no connection",
            metadata: ["reason": "\(error.reason)"]
        )
        return true
    }

    /// Notes that the server is not content with something.
    mutating func complained(_ error: GRIPNATSError) {
        guard self.complaints.count < Self.maximumComplaints, self.complaints.insert(error.reason).inserted,
            !self.earlierComplaints.contains(error.reason)
        else { return }
        self.logger?.warning("NATS: \(error.reason)")
        guard self.complaints.count == Self.maximumComplaints else { return }
        self.logger?.warning("NATS: further complaints of the server are counted, and not logged")
    }

    /// Notes a message that is too large.
    mutating func skipped(byteCount: Int) {
        guard !self.hasToldOfSkipped else { return }
        self.hasToldOfSkipped = true
        self.logger?.warning(
            "NATS: skipped a message that is too large; further ones are counted, and not logged",
            metadata: ["bytes": "\(byteCount)"]
        )
    }
}
