import GRIP
import GRIPPublisher
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RetryTests {
    @Test func `a refused connection is tried again until the proxy is there`() async throws {
        let port = Sink.freePort
        let fixture = try Fixture(
            .to("http://127.0.0.1:\(port)") {
                let longest = Duration.milliseconds(5)
                $0.retry = .whenNothingWasSent(attempts: 10_000, backoff: .milliseconds(1), maximumBackoff: longest)
            }
        )
        let result = Task { try await fixture.publisher.publish(.httpStream("x"), to: "test") }
        var messages = fixture.messages.makeAsyncIterator()
        #expect(await messages.next() == "publishing again")
        try await Sink.with(port: port) { sink in
            let failures = try await result.value.failures
            #expect(failures.isEmpty)
            #expect(sink.channelNames == ["test"])
        }
        #expect(fixture.total("grip.publisher.retries", ("error.type", "connection")) >= 1)
    }

    @Test func `attempts on a refused connection are limited`() async throws {
        let port = Sink.unusedPort
        let fixture = try Fixture(
            .to("http://127.0.0.1:\(port)") {
                $0.retry = .whenNothingWasSent(attempts: 3, backoff: .milliseconds(1))
            }
        )
        let error = try await publishError { try await fixture.publisher.publish(.httpStream("x"), to: "test") }
        #expect(error.result.outcomes.first?.failure?.mayHaveBeenPublished == false)
        #expect(fixture.total("grip.publisher.retries") == 2)
    }

    @Test func `a body that is withdrawn never passes and one that passed cannot be withdrawn`() async throws {
        let withdrawn = ControlExchange()
        var body = GatedBody(bytes: ByteBuffer(string: "x"), exchange: withdrawn).makeAsyncIterator()
        #expect(withdrawn.withdraw())
        await #expect(throws: CancellationError.self) { try await body.next() }
        #expect(withdrawn.withdraw())

        let passed = ControlExchange()
        body = GatedBody(bytes: ByteBuffer(string: "x"), exchange: passed).makeAsyncIterator()
        #expect(try await body.next() == ByteBuffer(string: "x"))
        #expect(!passed.withdraw())
        #expect(try await body.next() == nil)
    }

    @Test func `what was sent is not sent again`() async throws {
        try await Sink.with({ _ in .close }) { sink in
            let fixture = try Fixture(.to(sink.uri) { $0.retry = .whenNothingWasSent(attempts: 5) })
            let error = try await publishError { try await fixture.publisher.publish(.httpStream("x"), to: "test") }
            let failure = try #require(error.result.outcomes.first?.failure)
            #expect(failure.code == .noAnswer)
            #expect(failure.mayHaveBeenPublished)
            #expect(sink.requests.count == 1)
        }
    }

    @Test func `what was sent is sent again where that is asked for`() async throws {
        try await Sink.with({ _ in .close }) { sink in
            let fixture = try Fixture(.to(sink.uri) { $0.retry = .always(attempts: 3, backoff: .milliseconds(1)) })
            _ = try await publishError { try await fixture.publisher.publish(.httpStream("x"), to: "test") }
            #expect(sink.requests.count == 3)
        }
    }

    static let failures: [(GRIPPublishFailure, whenNothingWasSent: Bool, always: Bool)] = [
        (.init(.connection, "", mayHaveBeenPublished: false), true, true),
        (.init(.timeout, "", mayHaveBeenPublished: true), false, true),
        (.init(.noAnswer, "", mayHaveBeenPublished: true), false, true),
        (.init(.status, "", status: 503, mayHaveBeenPublished: true), false, true),
        (.init(.status, "", status: 429, mayHaveBeenPublished: false), false, true),
        (.init(.status, "", status: 400, mayHaveBeenPublished: false), false, false),
        (.init(.status, "", status: 401, mayHaveBeenPublished: false), false, false),
        (.init(.redirect, "", status: 302, mayHaveBeenPublished: false), false, false),
        (.init(.authorization, "", mayHaveBeenPublished: false), false, false),
        (.init(.cancelled, "", mayHaveBeenPublished: false), false, false),
    ]

    @Test(arguments: failures)
    func `each policy covers its failures`(
        failure: GRIPPublishFailure,
        whenNothingWasSent: Bool,
        always: Bool
    ) {
        #expect(GRIPRetryPolicy.never.delay(after: failure, attempt: 1, jitter: 0) == nil)
        let standard = GRIPRetryPolicy.whenNothingWasSent(attempts: 2)
        #expect((standard.delay(after: failure, attempt: 1, jitter: 0) != nil) == whenNothingWasSent)
        #expect((GRIPRetryPolicy.always(attempts: 2).delay(after: failure, attempt: 1, jitter: 0) != nil) == always)
    }

    @Test func `delays double up to the longest and jitter takes up to half off`() {
        let failure = GRIPPublishFailure(.connection, "", mayHaveBeenPublished: false)
        let policy = GRIPRetryPolicy.always(attempts: 1000, backoff: .milliseconds(100), maximumBackoff: .seconds(1))
        let delays = (1...6).map { policy.delay(after: failure, attempt: $0, jitter: 0) }
        #expect(delays == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        #expect(policy.delay(after: failure, attempt: 1, jitter: 1) == .milliseconds(50))
        #expect(policy.delay(after: failure, attempt: 999, jitter: 0) == .seconds(1))
        #expect(policy.delay(after: failure, attempt: 1000, jitter: 0) == nil)
        #expect(GRIPRetryPolicy.always(attempts: -1).attempts == 1)
    }
}
