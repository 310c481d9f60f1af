public import GRIP
public import Logging
public import NIOCore
public import NIOPosix
import Synchronization

/// A bus between instances over NATS.
///
/// A channel is a subject below `PREFIX.c`, which an instance subscribes to while it has subscribers of the channel. What
/// is published is numbered per instance and channel, and each instance says every second, under `PREFIX.hb`, how far its
/// numbers go: servers of a cluster that lose sight of each other lose messages and tell nobody, but a hole in the numbers
/// does.
///
/// ```swift
/// let bus = try GRIPNATSBus(GRIPNATSConfiguration(url: "nats://localhost:4222"), prefix: "shop")
/// ```
public final class GRIPNATSBus: GRIPBus {
    private let core: NATSBusCore
    private let connection: GRIPNATSConnection

    /// Makes a bus, which connects when it runs.
    ///
    /// - Parameters:
    ///   - configuration: Where the servers are, and how a connection to them is kept. Own messages never come back,
    ///     whatever it says.
    ///   - prefix: What the subjects begin with. All instances of an application have the same, and other applications on
    ///     these servers have others.
    ///   - eventLoopGroup: Whose event loops are used; the bus is on one of them.
    ///   - logger: Where it is said what servers complain of, and at level `debug` when the connection is made or lost,
    ///     which the proxy says by itself.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/subject`` when the prefix is too long.
    public convenience init(
        _ configuration: GRIPNATSConfiguration,
        prefix: GRIPNATSSubject = "grip",
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger? = nil
    ) throws(GRIPNATSError) {
        try self.init(
            configuration,
            prefix: prefix,
            eventLoopGroup: eventLoopGroup,
            receiverTellsOfConnection: true,
            logger: logger
        )
    }

    /// Makes a bus whose receiver may leave it to the bus to tell operators of the connection.
    init(
        _ configuration: GRIPNATSConfiguration,
        prefix: GRIPNATSSubject,
        eventLoopGroup: any EventLoopGroup,
        receiverTellsOfConnection: Bool,
        logger: Logger?
    ) throws(GRIPNATSError) {
        var configuration = configuration
        configuration.receivesOwnMessages = false
        let core = NATSBusCore(
            subjects: try Self.subjects(below: prefix),
            heartbeatSubject: GRIPNATSSubject(unchecked: prefix.text + ".hb"),
            logger: logger
        )
        self.core = core
        self.connection = GRIPNATSConnection(
            configuration,
            eventLoop: eventLoopGroup.next(),
            logger: logger,
            hooks: NATSDriver.Hooks(
                onEvent: { core.happened($0) },
                onComplaint: { core.complained($0) },
                onReadComplete: { core.readCompleted() },
                // After this one there is no other to say the rest.
                onShutdown: { core.beat(limit: .max) },
                tellsOfConnection: receiverTellsOfConnection
            )
        )
        core.begin(with: self.connection)
    }

    /// The subjects of channels, or an error where the prefix is too long.
    static func subjects(below prefix: GRIPNATSSubject) throws(GRIPNATSError) -> ChannelSubjects {
        try ChannelSubjects(prefix: GRIPNATSSubject(unchecked: prefix.text + ".c"))
    }

    /// What the bus has done so far.
    public var statistics: GRIPNATSBusStatistics {
        var statistics = self.core.statistics
        statistics.connection = self.connection.statistics
        return statistics
    }

    /// Connects, stays connected, and returns when its task is cancelled.
    ///
    /// - Parameter receiver: Who hears what arrives, what may be missing and whether the bus is connected.
    /// - Throws: What ``GRIPNATSConnection/run()`` throws.
    public func run(_ receiver: any GRIPBusReceiver) async throws {
        self.core.setReceiver(receiver)
        defer { self.core.setReceiver(nil) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.connection.run() }
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: NATSBusCore.heartbeatInterval) } catch { return }
                    self.core.beat()
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Subscribes to the subjects of channels.
    ///
    /// - Parameter channels: The names of the channels.
    public func attend(_ channels: [String]) {
        for channel in channels { self.core.attend(channel, self.connection) }
    }

    /// Ends the subscriptions to the subjects of channels.
    ///
    /// - Parameter channels: The names of the channels.
    public func ignore(_ channels: [String]) {
        for channel in channels {
            if let subscription = self.core.ignore(channel) { self.connection.unsubscribe(subscription) }
        }
    }

    /// Publishes under the subjects of channels.
    ///
    /// - Parameter publications: What this instance publishes, in order.
    /// - Returns: Whether all are taken, or why none is.
    public func publish(_ publications: [GRIPPublication]) -> GRIPBusAcceptance {
        switch self.core.publish(publications, through: self.connection) {
        case nil: return .taken
        case .disconnected, .closed, .noHeaders: return .refused(reason: .disconnected)
        case .full: return .refused(reason: .full)
        case .tooLarge: return .refused(reason: .tooLarge)
        }
    }

    /// Returns when there is a connection.
    package func waitUntilConnected() async throws { try await self.connection.waitUntilConnected() }

    /// Returns when the server has read all that was taken.
    package func flush() async throws { try await self.connection.flush() }

    /// Says what was published since the last time, as it does every second.
    package func beat() { self.core.beat() }
}
