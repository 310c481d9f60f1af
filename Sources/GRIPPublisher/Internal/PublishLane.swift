import Logging
import Metrics
import NIOCore
import Synchronization

/// The queue of one proxy and what empties it.
///
/// Losses are logged as errors, although a library otherwise stays at info: nobody waits for an enqueued publication,
/// so the log and the metrics are the only places where its loss can show.
final class PublishLane: Sendable {
    let endpoint: ControlEndpoint
    private let queue: Mutex<PublishQueue>
    /// Rings when something was enqueued; one ring is kept while nobody listens, and finishing it says that the queue
    /// is closed.
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init(endpoint: ControlEndpoint, configuration: GRIPPublisherConfiguration) {
        self.endpoint = endpoint
        self.queue = Mutex(PublishQueue(limits: configuration.queue, batchLimits: configuration.batch))
        (self.bell, self.ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    deinit {
        // Without a run, or after one, nobody is left to publish what still waits.
        self.abandon()
    }

    /// Takes publications as a whole, or refuses them.
    func enqueue(_ objects: [ByteBuffer], isRun: Bool) -> Bool {
        let admission = self.queue.withLock { queue in
            let admission = queue.enqueue(objects)
            // Under the lock, so that the gauges do not go back in time.
            self.endpoint.metrics.queueIs(items: queue.count, bytes: queue.bytes)
            return admission
        }
        switch admission.refusal {
        case nil:
            self.endpoint.metrics.lost(admission.dropped, .overflow)
            if admission.beginsOverflow { self.logOverflow(isRun: isRun) }
            self.ringer.yield()
            return true
        case .full:
            self.endpoint.metrics.lost(objects.count, .overflow)
            if admission.beginsOverflow { self.logOverflow(isRun: isRun) }
            return false
        case .closed:
            self.lost(objects.count, .closed, "publications were enqueued after the publisher was shut down")
            return false
        }
    }

    /// Counts and logs publications that are never queued.
    func lost(
        _ count: Int,
        _ reason: GRIPPublisherMetrics.LossReason,
        _ message: Logger.Message,
        metadata: Logger.Metadata = [:]
    ) {
        self.endpoint.metrics.lost(count, reason)
        var metadata = metadata
        metadata["grip.proxy"] = "\(self.endpoint.name)"
        metadata["grip.lost"] = "\(count)"
        metadata["grip.reason"] = "\(reason.rawValue)"
        self.endpoint.logger.error(message, metadata: metadata)
    }

    private func logOverflow(isRun: Bool) {
        let message: Logger.Message =
            isRun
            ? "the publish queue is full, publications are being lost"
            : "the publish queue is full because the publisher is not run, publications are being lost"
        self.endpoint.logger.error(message, metadata: ["grip.proxy": "\(self.endpoint.name)"])
    }

    /// Takes nothing more, so that ``drain()`` ends when all is sent.
    func close() {
        self.queue.withLock { $0.close() }
        self.ringer.finish()
    }

    /// Gives up what waits, counted and logged.
    func abandon() {
        let count = self.queue.withLock { queue in
            let count = queue.abandon()
            self.endpoint.metrics.queueIs(items: 0, bytes: 0)
            return count
        }
        self.ringer.finish()
        if count > 0 { self.lost(count, .shutdown, "the publisher ended before everything was published") }
    }

    /// Sends what is enqueued, one batch after the other, until the queue is closed and empty or the task cancelled.
    func drain() async {
        var rings = self.bell.makeAsyncIterator()
        while !Task.isCancelled {
            switch self.queue.withLock({ $0.next() }) {
            case .send(let batch): self.settle(batch, await self.endpoint.send(batch))
            case .wait: await rings.next()
            case .finished: return
            }
        }
    }

    private func settle(_ batch: PublishBatch, _ failure: GRIPPublishFailure?) {
        let ending: PublishQueue.Ending =
            switch failure {
            case nil: .delivered
            case let failure?: failure.isRefusalOfContent ? .refusedContent : .failed
            }
        let settlement = self.queue.withLock { queue in
            let settlement = queue.ended(ending)
            self.endpoint.metrics.queueIs(items: queue.count, bytes: queue.bytes)
            return settlement
        }
        if settlement.isSplit { self.endpoint.metrics.splits.increment() }
        if let failure, settlement.lost > 0 {
            self.endpoint.metrics.failed.increment(by: settlement.lost)
            let reason: GRIPPublisherMetrics.LossReason =
                failure.isRefusalOfContent ? .refused : failure.code == .cancelled ? .shutdown : .failed
            self.lost(settlement.lost, reason, "publications were lost", metadata: self.endpoint.metadata(failure))
        }
        if let overflowLoss = settlement.overflowLoss {
            self.endpoint.logger.error(
                "the publish queue has room again",
                metadata: ["grip.proxy": "\(self.endpoint.name)", "grip.lost": "\(overflowLoss)"]
            )
        }
    }
}
