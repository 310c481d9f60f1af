import GRIP
import GRIPPublisher
import InMemoryLogging
import Logging
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ShutdownTests {
    @Test func `a graceful shutdown publishes what waits`() async throws {
        try await Sink.with({ _ in nil }) { sink in
            let fixture = try Fixture(.to(sink.uri))
            try await testGracefulShutdown { trigger in
                async let run: Void = fixture.publisher.run()
                var arrivals = sink.arrivals.makeAsyncIterator()
                fixture.publisher.enqueue(.httpStream("x"), to: "a")
                let first = await arrivals.next()
                fixture.publisher.enqueue(.httpStream("x"), to: "b")
                trigger.triggerGracefulShutdown()
                #expect(!fixture.publisher.enqueue(.httpStream("x"), to: "c"))
                first?.reply(.status(200))
                await arrivals.next()?.reply(.status(200))
                try await run
            }
            #expect(sink.channelNames == ["a", "b"])
            #expect(fixture.total("grip.publisher.lost") == 1)
            #expect(fixture.total("grip.publisher.lost", ("reason", "closed")) == 1)
        }
    }

    @Test func `what the deadline cuts off is counted and logged`() async throws {
        try await Sink.with({ _ in nil }) { sink in
            let fixture = try Fixture(
                .to(sink.uri) {
                    $0.shutdownDeadline = .milliseconds(50)
                    $0.batch.maximumItems = 1
                }
            )
            try await testGracefulShutdown { trigger in
                async let run: Void = fixture.publisher.run()
                var arrivals = sink.arrivals.makeAsyncIterator()
                fixture.publisher.enqueue(.httpStream("x"), to: "a", "b", "c")
                _ = await arrivals.next()
                trigger.triggerGracefulShutdown()
                try await run
            }
            #expect(sink.channelNames == ["a"])
            #expect(fixture.total("grip.publisher.lost", ("reason", "shutdown")) == 3)
            #expect(fixture.entries(.error).map(\.metadata["grip.lost"]) == ["1", "2"])
            #expect(fixture.entries(.error).first?.metadata["grip.failure.code"] == "cancelled")
        }
    }

    @Test func `a cancelled run ends at once`() async throws {
        try await Sink.with({ _ in nil }) { sink in
            let fixture = try Fixture(.to(sink.uri))
            fixture.publisher.enqueue(.httpStream("x"), to: "a")
            let run = Task { try await fixture.publisher.run() }
            var arrivals = sink.arrivals.makeAsyncIterator()
            _ = await arrivals.next()
            run.cancel()
            try await run.value
            #expect(fixture.total("grip.publisher.lost", ("reason", "shutdown")) == 1)
            #expect(!fixture.publisher.enqueue(.httpStream("x"), to: "b"))
        }
    }

    @Test func `a publisher runs once and publishes directly even after it`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri))
            try await fixture.running {}
            let error = await #expect(throws: GRIPPublishError.self) { try await fixture.publisher.run() }
            #expect(error?.code == .alreadyRun)
            try await fixture.publisher.publish(.httpStream("x"), to: "test")
            #expect(sink.channelNames == ["test"])
        }
    }

    @Test func `it is a service of a group`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri))
            let logger = Logger(label: "test", factory: { _ in InMemoryLogHandler() })
            let group = ServiceGroup(services: [fixture.publisher], logger: logger)
            let run = Task { try await group.run() }
            fixture.publisher.enqueue(.httpStream("x"), to: "test")
            var arrivals = sink.arrivals.makeAsyncIterator()
            _ = await arrivals.next()
            await group.triggerGracefulShutdown()
            try await run.value
            #expect(sink.channelNames == ["test"])
        }
    }

    @Test func `the scoped form publishes what the closure enqueued, also when it throws`() async throws {
        struct Oops: Error {}
        try await Sink.with { sink in
            let configuration = try GRIPPublisherConfiguration.to(sink.uri)
            let logger = Logger(label: "test", factory: { _ in InMemoryLogHandler() })
            let value = try await withGRIPHTTPPublisher(configuration: configuration, logger: logger) { publisher in
                publisher.enqueue(.httpStream("x"), to: "a")
                return 7
            }
            #expect(value == 7)
            await #expect(throws: Oops.self) {
                try await withGRIPHTTPPublisher(configuration: configuration, logger: logger) { publisher in
                    publisher.enqueue(.httpStream("x"), to: "b")
                    throw Oops()
                }
            }
            #expect(sink.channelNames == ["a", "b"])
        }
    }
}
