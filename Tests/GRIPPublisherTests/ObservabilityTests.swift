import GRIP
import GRIPPublisher
import InMemoryLogging
import InMemoryTracing
import Logging
import MetricsTestKit
import NIOHTTP1
import Testing
import Tracing

@Suite(.timeLimit(.minutes(5)))
struct ObservabilityTests {
    @Test func `a publish is a client span whose context travels along`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri))
            try await fixture.publisher.publish(.httpStream("x"), to: "secret-room")
            let span = try #require(fixture.tracer.finishedSpans.first)
            #expect(fixture.tracer.finishedSpans.count == 1)
            #expect(span.operationName == "grip.publish")
            #expect(span.kind == .client)
            #expect(span.attributes.get("server.address") == .string("127.0.0.1"))
            #expect(span.attributes.get("server.port") == .int64(Int64(sink.port)))
            #expect(span.attributes.get("messaging.batch.message_count") == .int64(1))
            #expect(span.attributes.get("http.response.status_code") == .int64(200))
            #expect(span.attributes.get("error.type") == nil)
            let headers = try #require(sink.requests.first?.head.headers)
            #expect(headers[InMemoryTracer.traceIDKey] == [span.traceID])
            #expect(headers[InMemoryTracer.spanIDKey] == [span.spanID])
        }
    }

    @Test func `a failed publish marks its span`() async throws {
        try await Sink.with({ _ in .status(503) }) { sink in
            let fixture = try Fixture(.to(sink.uri) { $0.retry = .always(attempts: 2, backoff: .milliseconds(1)) })
            _ = try await publishError { try await fixture.publisher.publish(.httpStream("x"), to: "test") }
            let span = try #require(fixture.tracer.finishedSpans.first)
            #expect(fixture.tracer.finishedSpans.count == 1)
            #expect(span.status?.code == .error)
            #expect(span.attributes.get("error.type") == .string("status"))
            #expect(span.attributes.get("http.response.status_code") == .int64(503))
            #expect(span.attributes.get("http.request.resend_count") == .int64(1))
        }
    }

    @Test func `the metrics are those that are documented`() async throws {
        try await Sink.with({ $0.channelNames == ["bad"] ? .status(400) : .status(200) }) { sink in
            let fixture = try Fixture(.to("\(sink.uri)/a?key=s3cr3t"))
            try await fixture.publisher.publish(.httpStream("x"), to: "good", "good")
            _ = try await publishError { try await fixture.publisher.publish(.httpStream("x"), to: "bad") }
            fixture.publisher.enqueue(.httpStream("x"), to: "good")

            let proxy = ("grip.proxy", "\(sink.uri)/a")
            #expect(fixture.total(GRIPPublisherMetrics.publications, proxy, ("outcome", "accepted")) == 2)
            #expect(fixture.total(GRIPPublisherMetrics.publications, proxy, ("outcome", "failed")) == 1)
            let duration = GRIPPublisherMetrics.requestDuration
            let fine = try fixture.metrics.expectTimer(duration, [proxy, ("error.type", "none")])
            let bad = try fixture.metrics.expectTimer(duration, [proxy, ("error.type", "status")])
            #expect(fine.values.count == 1)
            #expect(bad.values.count == 1)
            #expect(try fixture.metrics.expectGauge(GRIPPublisherMetrics.queueItems, [proxy]).lastValue == 1)
            try await fixture.running {}
            #expect(try fixture.metrics.expectGauge(GRIPPublisherMetrics.queueItems, [proxy]).lastValue == 0)
            #expect(try fixture.metrics.expectGauge(GRIPPublisherMetrics.queueBytes, [proxy]).lastValue == 0)

            let documented: Set = [
                "grip.publisher.publications", "grip.publisher.lost", "grip.publisher.retries",
                "grip.publisher.splits", "grip.publisher.request.duration", "grip.publisher.queue.items",
                "grip.publisher.queue.bytes",
            ]
            let metrics = fixture.metrics
            let labels = metrics.counters.map(\.label) + metrics.timers.map(\.label) + metrics.recorders.map(\.label)
            #expect(Set(labels) == documented)
        }
    }

    @Test func `a publish that succeeds logs nothing above debug`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri))
            try await fixture.publisher.publish(.httpStream("x"), to: "test")
            try await fixture.running { fixture.publisher.enqueue(.httpStream("x"), to: "test") }
            #expect(fixture.log.entries.filter { $0.level > .debug }.isEmpty)
        }
    }
}
