import GRIP
import GRIPPublisher
import InMemoryLogging
import Logging
import MetricsTestKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct EnqueueTests {
    @Test func `what is enqueued before the run is kept and published in one request`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri))
            let names = (0..<10).map { "c\($0)" }
            for name in names { #expect(fixture.publisher.enqueue([try .to(name)])) }
            #expect(sink.requests.isEmpty)
            try await fixture.running {}
            #expect(sink.requests.map(\.channelNames) == [names])
            #expect(fixture.total("grip.publisher.publications", ("outcome", "accepted")) == 10)
            #expect(fixture.entries(.error).isEmpty)
        }
    }

    @Test func `what arrives during a request goes into the next, in order for each proxy`() async throws {
        try await Sink.with({ _ in nil }) { slow in
            try await Sink.with { fast in
                let fixture = try Fixture(.to(slow.uri, fast.uri))
                try await fixture.running {
                    fixture.publisher.enqueue(.httpStream("x"), to: "a")
                    var slowArrivals = slow.arrivals.makeAsyncIterator()
                    var fastArrivals = fast.arrivals.makeAsyncIterator()
                    let first = await slowArrivals.next()
                    _ = await fastArrivals.next()
                    fixture.publisher.enqueue(.httpStream("x"), to: "b", "c")
                    fixture.publisher.enqueue(GRIPItem(.httpStream("x")), to: "d")
                    // The fast proxy has everything while the slow one still thinks.
                    while fast.channelNames.count < 4 { _ = await fastArrivals.next() }
                    first?.reply(.status(200))
                    await slowArrivals.next()?.reply(.status(200))
                }
                #expect(slow.requests.map(\.channelNames) == [["a"], ["b", "c", "d"]])
                #expect(fast.channelNames == ["a", "b", "c", "d"])
            }
        }
    }

    @Test func `one bad publication does not sink the others`() async throws {
        let script: Sink.Script = { $0.channelNames.contains("bad") ? .status(400, body: "bad item") : .status(200) }
        try await Sink.with(script) { sink in
            let fixture = try Fixture(.to(sink.uri))
            let names = ["a", "b", "bad", "d", "e", "f"]
            for name in names { fixture.publisher.enqueue([try .to(name)]) }
            try await fixture.running {}
            let published = sink.requests.filter { !$0.channelNames.contains("bad") }.flatMap(\.channelNames)
            #expect(published == ["a", "b", "d", "e", "f"])
            #expect(fixture.total("grip.publisher.lost", ("reason", "refused")) == 1)
            #expect(fixture.total("grip.publisher.splits") == 3)
            #expect(fixture.total("grip.publisher.publications", ("outcome", "accepted")) == 5)
            let errors = fixture.entries(.error)
            #expect(errors.count == 1)
            #expect(errors.first?.metadata["grip.failure"] == "answered 400: 'bad item'")
        }
    }

    @Test func `failures are logged and counted and the queue goes on`() async throws {
        try await Sink.with({ $0.channelNames == ["a"] ? .close : .status(200) }) { sink in
            let fixture = try Fixture(.to(sink.uri) { $0.batch.maximumItems = 1 })
            fixture.publisher.enqueue(.httpStream("x"), to: "a", "b")
            try await fixture.running {}
            #expect(sink.channelNames == ["a", "b"])
            #expect(fixture.total("grip.publisher.lost", ("reason", "failed")) == 1)
            #expect(fixture.total("grip.publisher.publications", ("outcome", "failed")) == 1)
            #expect(fixture.entries(.error).map(\.metadata["grip.failure.code"]) == ["noAnswer"])
        }
    }

    @Test(arguments: [
        (GRIPOverflowPolicy.dropNewest, [true, true, false, false], ["c0", "c1"]),
        (GRIPOverflowPolicy.dropOldest, [true, true, true, true], ["c2", "c3"]),
    ])
    func `an overflow follows the policy`(
        policy: GRIPOverflowPolicy,
        answers: [Bool],
        published: [String]
    ) async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(
                .to(sink.uri) {
                    $0.queue.maximumItems = 2
                    $0.queue.overflow = policy
                }
            )
            let taken = try (0..<4).map { fixture.publisher.enqueue([try .to("c\($0)")]) }
            #expect(taken == answers)
            #expect(fixture.total("grip.publisher.lost", ("reason", "overflow")) == 2)
            // Once, although two were lost.
            let errors = fixture.entries(.error)
            #expect(errors.count == 1)
            #expect(errors.first.map { "\($0.message)".contains("is not run") } == true)
            try await fixture.running {}
            #expect(sink.channelNames == published)
            let recovery = fixture.entries(.error).last
            #expect(recovery?.message == "the publish queue has room again")
            #expect(recovery?.metadata["grip.lost"] == "2")
        }
    }

    @Test func `many tasks and a shaky proxy lose nothing unaccounted for and repeat nothing`() async throws {
        let count = Mutex(0)
        let script: Sink.Script = { request in
            if request.channelNames.contains(where: { $0.hasSuffix("-50") }) { return .status(400) }
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number.isMultiple(of: 5) ? .status(500) : .status(200)
        }
        try await Sink.with(script) { sink in
            let fixture = try Fixture(
                .to(sink.uri) {
                    $0.batch.maximumItems = 16
                    // Other tests that run meanwhile may need the machine.
                    $0.shutdownDeadline = .seconds(240)
                }
            )
            try await fixture.running {
                await withTaskGroup(of: Void.self) { group in
                    for task in 0..<8 {
                        group.addTask {
                            for number in 0..<100 {
                                let channel = GRIPChannel(unchecked: "\(task)-\(number)")
                                fixture.publisher.enqueue(.httpStream("x"), to: channel)
                            }
                        }
                    }
                }
            }
            let accepted = fixture.total("grip.publisher.publications", ("outcome", "accepted"))
            #expect(accepted + fixture.total("grip.publisher.lost") == 800)
            #expect(fixture.total("grip.publisher.lost", ("reason", "refused")) == 8)
            // Of the requests whose content was not refused, each publication is in one, after those before it.
            let requests = sink.requests.map(\.channelNames)
            let names = requests.filter { !$0.contains { $0.hasSuffix("-50") } }.flatMap(\.self)
            for task in 0..<8 {
                let expected = (0..<100).filter { $0 != 50 }.map { "\(task)-\($0)" }
                #expect(names.filter { $0.hasPrefix("\(task)-") } == expected)
            }
        }
    }

    @Test func `a publisher that goes away says what it had`() async throws {
        var fixture: Fixture? = try Fixture(.to("http://localhost:1"))
        let (log, metrics) = try #require(fixture.map { ($0.log, $0.metrics) })
        fixture?.publisher.enqueue(.httpStream("x"), to: "a", "b")
        fixture = nil
        #expect(log.entries.map(\.metadata["grip.lost"]) == ["2"])
        #expect(metrics.counterTotal(label: "grip.publisher.lost", dimensions: [("reason", "shutdown")]) == 2)
    }

    @Test func `without proxies a warning is logged and every publish fails`() async throws {
        let fixture = try Fixture(GRIPPublisherConfiguration(proxies: []))
        #expect(fixture.entries(.warning).count == 1)
        let error = await #expect(throws: GRIPPublishError.self) {
            try await fixture.publisher.publish(.httpStream("x"), to: "test")
        }
        #expect(error?.code == .noProxies)
        #expect(!fixture.publisher.enqueue(.httpStream("x"), to: "test"))
        try await fixture.running {}
    }
}
