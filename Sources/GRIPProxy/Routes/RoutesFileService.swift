package import Logging
import ServiceLifecycle
import UnixSignals

/// Follows a routes file while a proxy runs: by its modification time, and on SIGHUP.
package struct RoutesFileService: Service, CustomStringConvertible {
    private let follower: RoutesFollower
    private let interval: Duration
    private let reload: @Sendable ([GRIPRouteLine]) async -> Void

    /// Makes a service.
    ///
    /// SIGHUP is caught also where there is no file to follow, because it would otherwise end the process.
    ///
    /// - Parameters:
    ///   - settings: The settings, of which the file of routes is followed.
    ///   - interval: How often to look at the file.
    ///   - logger: Where to tell what was done and what is wrong.
    ///   - reload: Takes the lines of the file.
    package init(
        settings: ProxySettings,
        interval: Duration = .seconds(1),
        logger: Logger,
        reload: @escaping @Sendable ([GRIPRouteLine]) async -> Void
    ) {
        self.follower = RoutesFollower(settings: settings, logger: logger)
        self.interval = interval
        self.reload = reload
    }

    /// What service groups call it in their logs.
    package var description: String { "RoutesFileService" }

    /// Follows the file until a graceful shutdown or until the task is cancelled.
    package func run() async throws {
        // One after the other, so that older lines never replace newer ones.
        let (events, source) = AsyncStream.makeStream(
            of: RoutesFollower.Event.self,
            bufferingPolicy: .bufferingNewest(16)
        )
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in hangups { source.yield(.hangup) } }
            group.addTask {
                while (try? await Task.sleep(for: self.interval)) != nil { source.yield(.tick) }
            }
            var follower = self.follower
            for await event in events.cancelOnGracefulShutdown() {
                if let lines = follower.handle(event) { await self.reload(lines) }
            }
            group.cancelAll()
        }
    }
}
