import AsyncHTTPClient
import GRIP
import GRIPPublisher
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FailureTests {
    @Test(arguments: [301, 302, 307, 308])
    func `redirects are failures and not followed`(status: Int) async throws {
        try await Sink.with { elsewhere in
            let location = "\(elsewhere.uri)/publish/"
            try await Sink.with({ _ in .status(status, headers: [("location", location)]) }) { sink in
                let error = try await publishError {
                    try await Fixture(.to(sink.uri)).publisher.publish(.httpStream("x"), to: "test")
                }
                let failure = try #require(error.result.outcomes.first?.failure)
                #expect(failure.code == .redirect)
                #expect(failure.status == status)
                #expect(sink.requests.count == 1)
                #expect(elsewhere.requests.isEmpty)
            }
        }
    }

    @Test func `a redirect that an application's client follows is a failure`() async throws {
        try await Sink.with { elsewhere in
            let location = "\(elsewhere.uri)/publish/"
            try await Sink.with({ _ in .status(302, headers: [("location", location)]) }) { sink in
                try await HTTPClient.withHTTPClient { client in
                    let error = try await publishError {
                        try await Fixture(.to(sink.uri), client: client).publisher
                            .publish(.httpStream("x"), to: "test")
                    }
                    #expect(error.result.outcomes.first?.failure?.code == .redirect)
                    #expect(elsewhere.channelNames.isEmpty)
                }
            }
        }
    }

    @Test func `an answer that does not come is a timeout and not repeated`() async throws {
        try await Sink.with({ _ in nil }) { sink in
            let fixture = try Fixture(
                .to(sink.uri) {
                    $0.requestTimeout = .seconds(1)
                }
            )
            let error = try await publishError {
                try await fixture.publisher.publish(.httpStream("x"), to: "test")
            }
            let failure = try #require(error.result.outcomes.first?.failure)
            #expect(failure.code == .timeout)
            #expect(failure.mayHaveBeenPublished)
            #expect(sink.requests.count == 1)
        }
    }

    @Test func `a connection that does not come is a timeout before anything is sent`() async throws {
        var configuration = HTTPClient.Configuration()
        // One connection, which the first request keeps busy, so that the second never gets one.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await Sink.with({ _ in nil }) { sink in
                let patient = try Fixture(.to(sink.uri), client: client)
                let first = Task { try await patient.publisher.publish(.httpStream("x"), to: "first") }
                var arrivals = sink.arrivals.makeAsyncIterator()
                let request = await arrivals.next()
                let fixture = try Fixture(
                    .to(sink.uri) {
                        $0.connectTimeout = .milliseconds(50)
                        $0.retry = .whenNothingWasSent(attempts: 2, backoff: .milliseconds(1))
                    },
                    client: client
                )
                let error = try await publishError {
                    try await fixture.publisher.publish(.httpStream("x"), to: "second")
                }
                let failure = try #require(error.result.outcomes.first?.failure)
                #expect(failure.code == .connection)
                #expect(!failure.mayHaveBeenPublished)
                #expect(fixture.total("grip.publisher.retries", ("error.type", "connection")) == 1)
                request?.reply(.status(200))
                _ = try await first.value
                #expect(sink.channelNames == ["first"])
            }
        }
    }

    @Test func `a success counts though its body never ends`() async throws {
        try await Sink.with({ _ in .stuck(200) }) { sink in
            let fixture = try Fixture(.to(sink.uri) { $0.requestTimeout = .seconds(2) })
            let result = try await fixture.publisher.publish(.httpStream("x"), to: "test")
            #expect(result.failures.isEmpty)
        }
    }

    @Test func `a long answer is cut`() async throws {
        let body = String(repeating: "é", count: 100_000)
        try await Sink.with({ _ in .status(400, body: body) }) { sink in
            let error = try await publishError {
                try await Fixture(.to(sink.uri)).publisher.publish(.httpStream("x"), to: "test")
            }
            let excerpt = try #require(error.result.outcomes.first?.failure?.responseExcerpt)
            #expect(excerpt == String(repeating: "é", count: 128))
        }
    }

    @Test func `a cancelled publish tells the outcome`() async throws {
        try await Sink.with({ _ in nil }) { sink in
            let fixture = try Fixture(.to(sink.uri))
            let task = Task {
                try await publishError { try await fixture.publisher.publish(.httpStream("x"), to: "test") }
            }
            var arrivals = sink.arrivals.makeAsyncIterator()
            _ = await arrivals.next()
            task.cancel()
            let error = try await task.value
            #expect(error.result.outcomes.first?.failure?.code == .cancelled)
            #expect(error.result.outcomes.first?.failure?.mayHaveBeenPublished == true)
        }
    }
}
