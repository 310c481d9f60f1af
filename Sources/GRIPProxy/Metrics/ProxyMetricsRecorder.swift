import GRIPEngine
import Metrics

/// Tells swift-metrics what the proxy has counted.
struct ProxyMetricsRecorder {
    private enum Series {
        /// A counter and what it was told so far.
        case counter(Counter, last: Int)
        case gauge(Gauge)
    }

    /// The values of each metric, in the order of its samples.
    private var series: [[Series]]

    init(factory: any MetricsFactory) {
        self.series = ProxyMetric.all.map { metric in
            metric.samples(ProxyMeasurements()).map { sample in
                let dimensions = sample.labels.map { ($0.name, $0.value) }
                return switch metric.kind {
                case .counter:
                    .counter(Counter(label: metric.dottedName, dimensions: dimensions, factory: factory), last: 0)
                case .gauge: .gauge(Gauge(label: metric.dottedName, dimensions: dimensions, factory: factory))
                }
            }
        }
    }

    /// Adds what has been counted since the last time, and replaces levels.
    mutating func record(_ measurements: ProxyMeasurements) {
        for (index, metric) in ProxyMetric.all.enumerated() {
            for (position, sample) in metric.samples(measurements).enumerated() {
                switch self.series[index][position] {
                case .counter(let counter, let last):
                    guard sample.value > last else { continue }
                    counter.increment(by: sample.value - last)
                    self.series[index][position] = .counter(counter, last: sample.value)
                case .gauge(let gauge): gauge.record(sample.value)
                }
            }
        }
    }
}
