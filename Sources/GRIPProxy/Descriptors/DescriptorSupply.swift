import GRIPEngine
import Logging
import NIOCore
import Synchronization

/// The file descriptors of the process, as all listeners of a proxy see them.
final class DescriptorSupply: Sendable {
    /// Too few descriptors are left for a connection.
    struct Exhausted: Error {}

    /// How long a listener waits before it looks again.
    static let pause = TimeAmount.milliseconds(100)
    /// How much time is between two lines of the log about it.
    private static let reportInterval = TimeAmount.seconds(60)

    let shares: DescriptorShares
    private let logger: Logger
    private let isScarce = Atomic(false)
    private let pauses = Atomic(0)
    private let lastReport = Mutex<NIODeadline?>(nil)

    init(limits: GRIPProxyServerConfiguration.Limits, logger: Logger) {
        self.shares = DescriptorShares(limits)
        self.logger = logger
    }

    /// How often a listener stopped to accept.
    var pauseCount: Int { self.pauses.load(ordering: .relaxed) }

    /// How much room there is for clients; exact where it gets scarce.
    func room() -> DescriptorShares.Room {
        guard self.isScarce.load(ordering: .relaxed) else { return .plenty }
        let room = self.shares.room(next: GRIPFileDescriptors.next())
        if room == .plenty { self.isScarce.store(false, ordering: .relaxed) }
        return room
    }

    /// Whether there is no room for clients now, whatever was known before.
    func isExhausted() -> Bool { self.shares.room(next: GRIPFileDescriptors.next()) == .none }

    /// Looks at a new client's descriptor.
    ///
    /// Called on the connection's event loop.
    ///
    /// - Throws: ``Exhausted`` when it is one of those that others need.
    func admit(_ channel: any Channel) throws {
        guard let descriptor = try Self.descriptor(of: channel) else { return }
        guard self.shares.room(next: descriptor) != .plenty else { return }
        self.isScarce.store(true, ordering: .relaxed)
        if descriptor >= self.shares.clientLimit { throw Exhausted() }
    }

    /// The number of a channel's socket, or `nil` when it has none.
    static func descriptor(of channel: any Channel) throws -> Int? {
        try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { Int($0) }
    }

    /// Counts that a listener stops to accept, and says so unless that was said a short time ago.
    func reportPause(isForClients: Bool) {
        self.pauses.add(1, ordering: .relaxed)
        let now = NIODeadline.now()
        let isDue = self.lastReport.withLock { last in
            if let last, now < last + Self.reportInterval { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let limit = self.shares.limit
        self.logger.error(
            """
            No file descriptors are left for \(isForClients ? "clients" : "publishers"): new connections wait until \
            others have ended; raise the limit of open files, which is \(limit), or lower 'limits.connections'
            """
        )
    }

    /// Warns when the configuration allows more clients than there can be.
    func checkFit(_ limits: GRIPProxyServerConfiguration.Limits) {
        guard
            let room = self.shares.shortfall(connections: limits.connections, next: GRIPFileDescriptors.next())
        else { return }
        self.logger.warning(
            """
            'limits.connections' is \(limits.connections), but with a limit of \(self.shares.limit) open files there is \
            room for \(room) clients; raise that limit (ulimit -n, LimitNOFILE=, or GRIPFileDescriptors.raiseLimit() \
            up to the hard limit), or lower 'limits.connections'
            """
        )
    }
}

extension DescriptorShares {
    /// The shares of this process.
    init(_ limits: GRIPProxyServerConfiguration.Limits) {
        self.init(
            limit: GRIPFileDescriptors.limit,
            publishers: limits.controlConnections,
            publisherPart: limits.publisherDescriptors,
            originPart: limits.originDescriptors
        )
    }
}
