package import GRIPEngine

/// One metric of the proxy: its names, what it tells, and where its values come from.
package struct ProxyMetric: Sendable {
    /// The name for Prometheus.
    package let name: String
    /// What it tells, in one sentence.
    package let help: String
    package let kind: PrometheusText.Kind
    /// The label, or nothing for a metric with one value.
    package let label: String?
    /// All values that the label has; nothing else is ever one.
    package let labelValues: [String]
    private let value: @Sendable (ProxyMeasurements, String) -> Int

    private init(
        _ kind: PrometheusText.Kind,
        _ name: String,
        _ help: String,
        label: String?,
        labelValues: [String],
        value: @escaping @Sendable (ProxyMeasurements, String) -> Int
    ) {
        self.kind = kind
        self.name = name
        self.help = help
        self.label = label
        self.labelValues = labelValues
        self.value = value
    }

    static func counter(
        _ name: String,
        _ help: String,
        value: @escaping @Sendable (ProxyCounters) -> Int
    ) -> ProxyMetric {
        ProxyMetric(.counter, name, help, label: nil, labelValues: []) { measurements, _ in value(measurements.counters)
        }
    }

    static func counter<Value: RawRepresentable<String> & CaseIterable & SendableMetatype>(
        _ name: String,
        _ help: String,
        by label: String,
        value: @escaping @Sendable (ProxyCounters, Value) -> Int
    ) -> ProxyMetric {
        ProxyMetric(.counter, name, help, label: label, labelValues: Value.allCases.map(\.rawValue)) {
            measurements,
            text in
            Value(rawValue: text).map { value(measurements.counters, $0) } ?? 0
        }
    }

    static func counter(
        _ name: String,
        _ help: String,
        by label: String,
        _ labelValues: [String],
        value: @escaping @Sendable (ProxyCounters, String) -> Int
    ) -> ProxyMetric {
        ProxyMetric(.counter, name, help, label: label, labelValues: labelValues) { value($0.counters, $1) }
    }

    static func gauge(
        _ name: String,
        _ help: String,
        value: @escaping @Sendable (ProxyMeasurements.Levels) -> Int
    ) -> ProxyMetric {
        ProxyMetric(.gauge, name, help, label: nil, labelValues: []) { measurements, _ in value(measurements.levels) }
    }

    static func gauge(
        _ name: String,
        _ help: String,
        by kind: @escaping @Sendable (ProxyMeasurements, HoldKind) -> Int
    ) -> ProxyMetric {
        ProxyMetric(.gauge, name, help, label: "kind", labelValues: HoldKind.allCases.map(\.rawValue)) {
            measurements,
            text in
            HoldKind(rawValue: text).map { kind(measurements, $0) } ?? 0
        }
    }

    /// The name for swift-metrics.
    package var dottedName: String {
        var name = self.name[...]
        if name.hasPrefix("grip_proxy_") { name = name.dropFirst("grip_proxy_".count) }
        if name.hasSuffix("_total") { name = name.dropLast("_total".count) }
        return "grip.proxy.\(name)"
    }

    /// The values with their labels.
    func samples(_ measurements: ProxyMeasurements) -> [(labels: [(name: String, value: String)], value: Int)] {
        guard let label else { return [([], self.value(measurements, ""))] }
        return self.labelValues.map { ([(label, $0)], self.value(measurements, $0)) }
    }
}

extension ProxyMeasurements {
    /// All metrics as Prometheus reads them.
    var prometheusText: PrometheusText {
        var text = PrometheusText()
        for metric in ProxyMetric.all { text.add(metric.name, help: metric.help, metric.kind, metric.samples(self)) }
        return text
    }
}
