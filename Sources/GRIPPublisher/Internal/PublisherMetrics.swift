import Metrics

/// The metrics of one proxy, made once.
struct PublisherMetrics: Sendable {
    let accepted: Counter
    let failed: Counter
    let splits: Counter
    private let losses: [GRIPPublisherMetrics.LossReason: Counter]
    private let retries: [GRIPPublishFailure.Code: Counter]
    private let successDuration: Timer
    private let failureDurations: [GRIPPublishFailure.Code: Timer]
    private let queueItems: Gauge
    private let queueBytes: Gauge

    init(proxy: String, factory: any MetricsFactory) {
        typealias Names = GRIPPublisherMetrics
        let proxy = ("grip.proxy", proxy)
        func counter(_ label: String, _ dimensions: (String, String)...) -> Counter {
            Counter(label: label, dimensions: [proxy] + dimensions, factory: factory)
        }
        func duration(_ errorType: String) -> Timer {
            Timer(label: Names.requestDuration, dimensions: [proxy, ("error.type", errorType)], factory: factory)
        }
        let codes = GRIPPublishFailure.Code.allCases
        self.accepted = counter(Names.publications, ("outcome", "accepted"))
        self.failed = counter(Names.publications, ("outcome", "failed"))
        self.splits = counter(Names.splits)
        self.losses = Dictionary(
            uniqueKeysWithValues: Names.LossReason.allCases.map { ($0, counter(Names.lost, ("reason", $0.rawValue))) }
        )
        self.retries = Dictionary(
            uniqueKeysWithValues: codes.map { ($0, counter(Names.retries, ("error.type", "\($0)"))) }
        )
        self.successDuration = duration("none")
        self.failureDurations = Dictionary(uniqueKeysWithValues: codes.map { ($0, duration("\($0)")) })
        self.queueItems = Gauge(label: Names.queueItems, dimensions: [proxy], factory: factory)
        self.queueBytes = Gauge(label: Names.queueBytes, dimensions: [proxy], factory: factory)
    }

    func lost(_ count: Int, _ reason: GRIPPublisherMetrics.LossReason) { self.losses[reason]?.increment(by: count) }

    func retried(_ code: GRIPPublishFailure.Code) { self.retries[code]?.increment() }

    func requested(_ failure: GRIPPublishFailure.Code?, took duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        let timer = failure.flatMap { self.failureDurations[$0] } ?? self.successDuration
        timer.recordNanoseconds(nanoseconds)
    }

    func queueIs(items: Int, bytes: Int) {
        self.queueItems.record(items)
        self.queueBytes.record(bytes)
    }
}
