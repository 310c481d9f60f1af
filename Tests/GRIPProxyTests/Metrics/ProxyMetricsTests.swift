import Foundation
import GRIP
import GRIPEngine
import Metrics
import MetricsTestKit
import NIOCore
import Testing

@testable import GRIPProxy

@Suite("The metrics of the proxy", .timeLimit(.minutes(5)))
struct ProxyMetricsTests {
    @Test("Pushpin's names are among them")
    func pushpin() {
        let names = ProxyMetric.all.map(\.name)
        #expect(
            names.starts(with: [
                "request_received", "connection_connected", "connection_minute", "message_received", "message_sent",
            ])
        )
        #expect(names.dropFirst(5).allSatisfy { $0.hasPrefix("grip_proxy_") })
        #expect(Set(names).count == names.count)
        #expect(Set(ProxyMetric.all.map(\.dottedName)).count == names.count)
        for metric in ProxyMetric.all where metric.name.hasPrefix("grip_proxy_") {
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
        }
    }

    @Test("Every failure of an origin has a label that is told of")
    func originFailures() {
        let failures: [OriginFailure] = [.unreachable(""), .busy, .forbidden, .closed, .timedOut, .invalid("")]
        #expect(failures.map(\.label) == OriginFailure.labels)
    }

    @Test("The counters of two loops are added, every one of them")
    func sum() {
        let numbers = Mirror(reflecting: ProxyCounters()).children.count { $0.value is Int }
        #expect(ProxyCounters.numbers.count == numbers)
        #expect(Set(ProxyCounters.numbers).count == numbers)
        var counters = ProxyCounters()
        for (index, number) in ProxyCounters.numbers.enumerated() { counters[keyPath: number] = index + 1 }
        counters.delivered = CountByKind(responses: 1, streams: 2, webSockets: 3)
        counters.holdsBegun = CountByKind(responses: 10, streams: 11, webSockets: 12)
        counters.holdsEnded = CountByKind(responses: 13, streams: 14, webSockets: 15)
        counters.itemsReceived = CountBySource(control: 16, application: 17, bus: 18)
        counters.bus = BusCounters(
            published: 19,
            refused: ["full": 20],
            missed: ["hole": 21],
            leftOut: 22,
            own: GRIPBusCounts(connections: 23, lostMessages: 24, skippedMessages: 25, waitingBytes: 26)
        )
        counters.originFailures = ["closed": 4]
        counters.clientsTimedOut = [.idle: 8]
        counters.tooLarge = [.linkedPage: 9]
        counters.controlResponses = [200: 5]
        counters.controlRefusals = [.token: 6]
        counters.sequencing.dropped = [.full: 7]
        var sum = counters
        sum += counters
        for (index, number) in ProxyCounters.numbers.enumerated() { #expect(sum[keyPath: number] == 2 * (index + 1)) }
        #expect(sum.delivered == CountByKind(responses: 2, streams: 4, webSockets: 6))
        #expect(sum.holdsBegun == CountByKind(responses: 20, streams: 22, webSockets: 24))
        #expect(sum.holdsEnded == CountByKind(responses: 26, streams: 28, webSockets: 30))
        #expect(sum.itemsReceived == CountBySource(control: 32, application: 34, bus: 36))
        #expect(
            sum.bus
                == BusCounters(
                    published: 38,
                    refused: ["full": 40],
                    missed: ["hole": 42],
                    leftOut: 44,
                    own: GRIPBusCounts(connections: 46, lostMessages: 48, skippedMessages: 50, waitingBytes: 52)
                )
        )
        #expect(sum.originFailures == ["closed": 8])
        #expect(sum.clientsTimedOut == [.idle: 16])
        #expect(sum.tooLarge == [.linkedPage: 18])
        #expect(sum.controlResponses == [200: 10])
        #expect(sum.controlRefusals == [.token: 12])
        #expect(sum.sequencing.dropped == [.full: 14])
    }

    @Test("swift-metrics is told what is new since the last time, and levels as they are")
    func recorder() throws {
        let metrics = TestMetrics()
        var recorder = ProxyMetricsRecorder(factory: metrics)
        var measurements = ProxyMeasurements()
        measurements.counters.requestsReceived = 5
        measurements.counters.delivered.streams = 2
        measurements.levels.connections = 3
        recorder.record(measurements)
        measurements.counters.requestsReceived = 7
        measurements.levels.connections = 1
        recorder.record(measurements)
        #expect(try metrics.expectCounter("grip.proxy.request_received").values == [5, 2])
        #expect(try metrics.expectCounter("grip.proxy.deliveries", [("kind", "stream")]).values == [2])
        #expect(try metrics.expectCounter("grip.proxy.deliveries", [("kind", "ws")]).values == [])
        #expect(try metrics.expectGauge("grip.proxy.connection_connected").values == [3, 1])
    }

    @Test("What happens over sockets is counted")
    func sockets() async throws {
        try await TestOrigin.with([("Grip-Hold", "stream"), ("Grip-Channel", "a")], "[open]\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[open]\n") != nil)
                    let text = try await proxy.publisher { connection in
                        let body = #"{"items":[{"channel":"a","http-stream":{"content":"x\n"}}]}"#
                        try await connection.send(
                            "POST /publish HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                        )
                        #expect(try await connection.response()?.code == 200)
                        #expect(try await client.text(upTo: "x\n") != nil)
                        try await connection.send("GET /metrics HTTP/1.1\r\n\r\n")
                        let response = try #require(try await connection.response())
                        #expect(response.fields.first == "Content-Type: text/plain; version=0.0.4; charset=utf-8")
                        return response.body
                    }
                    for line in [
                        "request_received 1", "connection_connected 1", "connection_minute 0", "message_received 1",
                        "message_sent 1", "grip_proxy_holds{kind=\"stream\"} 1", "grip_proxy_channels 1",
                        "grip_proxy_subscriptions{kind=\"stream\"} 1", "grip_proxy_subscriptions{kind=\"ws\"} 0",
                        "grip_proxy_deliveries_total{kind=\"stream\"} 1", "grip_proxy_control_connections 1",
                        "grip_proxy_control_responses_total{code=\"200\"} 1", "grip_proxy_origin_requests_total 1",
                    ] {
                        #expect(text.contains("\n\(line)\n"), "\(line)")
                    }
                }
            }
        }
    }

    @Test("Clients over the limit are closed and counted")
    func connectionLimit() async throws {
        try await TestOrigin.with([], "hello") { port in
            try await withProxy {
                $0.limits.connections = 1
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { first in
                    try await first.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await first.text(upTo: "hello") != nil)
                    let silence = try await proxy.client { try await $0.rest() }
                    #expect(silence == "")
                    try await proxy.publisher { connection in
                        try await connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                        let text = try #require(try await connection.response()?.body)
                        #expect(text.contains("\ngrip_proxy_connections_refused_total 1\n"))
                        #expect(text.contains("\nconnection_connected 1\n"))
                    }
                }
            }
        }
    }

    // MARK: Documentation

    @Test("The page about metrics has every one, with its names, type, label and meaning")
    func page() throws {
        let package = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let text = try String(contentsOf: package.appendingPathComponent("docs/proxy-metrics.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let expected = ProxyMetric.all.map { metric in
            let values = metric.labelValues.map { "`\($0)`" }.joined(separator: ", ")
            let label = metric.label.map { "`\($0)`: \(values)" } ?? ""
            return "| `\(metric.name)` | `\(metric.dottedName)` | \(metric.kind.rawValue) | \(label) | \(metric.help) |"
        }
        #expect(rows.map(String.init) == expected)
    }
}
