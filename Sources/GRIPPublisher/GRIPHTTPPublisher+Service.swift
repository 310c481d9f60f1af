public import ServiceLifecycle
import Synchronization

extension GRIPHTTPPublisher: Service {
    /// Publishes what is enqueued, until a graceful shutdown or until the task is cancelled.
    ///
    /// After a graceful shutdown nothing more is taken, and what waits is still published, within the deadline of the
    /// configuration. What then remains is counted and logged as lost. When the task is cancelled, that is so at once.
    ///
    /// - Throws: ``GRIPPublishError`` with ``GRIPPublishError/Code/alreadyRun`` when it is called a second time.
    public func run() async throws {
        let isFirst = self.phase.withLock { phase in
            defer { phase = phase == .notRun ? .running : phase }
            return phase == .notRun
        }
        guard isFirst else { throw GRIPPublishError(.alreadyRun, "a publisher runs once") }
        await withGracefulShutdownHandler {
            await self.drain()
        } onGracefulShutdown: {
            self.beginShutdown()
        }
        self.phase.withLock { $0 = .ended }
        for lane in self.lanes { lane.abandon() }
    }

    private func drain() async {
        await withTaskGroup(of: Bool.self) { group in
            for lane in self.lanes {
                group.addTask {
                    await lane.drain()
                    return false
                }
            }
            group.addTask {
                for await _ in self.closing {}
                // Without proxies there was only the shutdown to wait for.
                guard !self.lanes.isEmpty else { return true }
                // Cancelled or slept through, it means the same: time is up.
                try? await Task.sleep(for: self.configuration.shutdownDeadline)
                return true
            }
            var draining = self.lanes.count
            for await isTimeUp in group {
                if !isTimeUp { draining -= 1 }
                if isTimeUp || draining == 0 { break }
            }
            group.cancelAll()
        }
    }

    /// Takes nothing more and lets ``run()`` end.
    package func beginShutdown() {
        for lane in self.lanes { lane.close() }
        self.closer.finish()
    }
}
