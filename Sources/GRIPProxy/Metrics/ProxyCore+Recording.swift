import GRIPEngine
import Metrics
import NIOCore

extension ProxyCore {
    /// Records what has been counted, once a second, and once more when its task is cancelled.
    func record(with factory: any MetricsFactory) async {
        var recorder = ProxyMetricsRecorder(factory: factory)
        while await Self.isTimeForAnother() {
            await self.record(with: &recorder)
            self.log.tellLeftOut()
            self.settings.signers.forgetUnused()
        }
        await self.record(with: &recorder)
    }

    private static func isTimeForAnother() async -> Bool {
        do {
            try await Task.sleep(for: .seconds(1))
            return true
        } catch {
            return false
        }
    }

    private func record(with recorder: inout ProxyMetricsRecorder) async {
        do {
            recorder.record(try await self.measurements(on: self.hub.eventLoop).get())
        } catch {
            // The event loops have ended, and with them what there was to count.
        }
    }
}
