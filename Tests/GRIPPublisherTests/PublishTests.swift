import AsyncHTTPClient
import GRIP
import GRIPPublisher
import Logging
import NIOCore
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PublishTests {
    @Test func `a publish is one POST of JSON to the publish URI`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to("\(sink.uri)/base/?realm=a%20b"))
            let result = try await fixture.publisher.publish(.httpStream("hello\n"), to: "test")
            let request = try #require(sink.requests.first)
            #expect(sink.requests.count == 1)
            #expect(request.head.method == .POST)
            #expect(request.head.uri == "/base/publish/?realm=a%20b")
            #expect(request.head.headers["content-type"] == ["application/json"])
            #expect(request.head.headers["content-length"] == ["\(request.body.readableBytes)"])
            #expect(!request.head.headers.contains(name: "authorization"))
            let expected = #"{"items":[{"channel":"test","formats":{"http-stream":{"content":"hello\n"}}}]}"#
            #expect(String(buffer: request.body) == expected)
            #expect(result.outcomes == [.init(controlURI: "\(sink.uri)/base", accepted: 1)])
        }
    }

    @Test func `an id with line ends is refused before anything is sent`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri))
            let error = await #expect(throws: GRIPError.self) {
                try await fixture.publisher.publish(.httpStream("x"), to: "test", id: "1\r\nX-Y: z")
            }
            #expect(error?.code == .item)
            #expect(error?.reason.contains("'id' of publication 0") == true)
            #expect(!fixture.publisher.enqueue(.httpStream("x"), to: "test", previousID: "0\n"))
            try await fixture.running {}
            #expect(sink.requests.isEmpty)
            #expect(fixture.entries(.error).count == 1)
        }
    }

    @Test func `conveniences publish to each channel and fill the item in`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri))
            try await fixture.publisher.publish(
                .webSocketMessage("m"),
                to: "a",
                "b",
                id: "2",
                previousID: "1",
                sender: "me"
            )
            try await fixture.publisher.publish(GRIPItem(.httpStream("s")), to: "c", "d")
            #expect(sink.requests.map(\.channelNames) == [["a", "b"], ["c", "d"]])
            let item = try #require(sink.requests.first?.publications.first?.item)
            #expect(item == GRIPItem(.webSocketMessage("m"), id: "2", previousID: "1", sender: "me"))
        }
    }

    @Test func `the prefix is put before channel names`() async throws {
        try await Sink.with { sink in
            let prefix = try GRIPPrefix("app-")
            let fixture = try Fixture(.to(sink.uri) { $0.prefix = prefix })
            try await fixture.publisher.publish(.httpStream("x"), to: "test")
            try await fixture.running { fixture.publisher.enqueue(.httpStream("x"), to: "later") }
            #expect(sink.channelNames == ["app-test", "app-later"])
        }
    }

    @Test func `publishing nothing sends nothing`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri))
            let result = try await fixture.publisher.publish([])
            #expect(result.outcomes == [.init(controlURI: sink.uri, accepted: 0)])
            #expect(sink.requests.isEmpty)
        }
    }

    @Test(arguments: [200, 201, 204, 299])
    func `statuses from 200 to 299 are success`(status: Int) async throws {
        try await Sink.with({ _ in .status(status) }) { sink in
            _ = try await Fixture(.to(sink.uri)).publisher.publish(.httpStream("x"), to: "test")
        }
    }

    @Test func `proxies are published to at the same time`() async throws {
        try await Sink.with({ _ in nil }) { first in
            try await Sink.with({ _ in nil }) { second in
                let fixture = try Fixture(.to(first.uri, second.uri))
                let result = Task { try await fixture.publisher.publish(.httpStream("x"), to: "test") }
                // Neither answers before both have been asked.
                var firstArrivals = first.arrivals.makeAsyncIterator()
                var secondArrivals = second.arrivals.makeAsyncIterator()
                let requests = (await firstArrivals.next(), await secondArrivals.next())
                requests.1?.reply(.status(200))
                requests.0?.reply(.status(200))
                let outcomes = try await result.value.outcomes
                #expect(outcomes.map(\.controlURI) == [first.uri, second.uri])
            }
        }
    }

    @Test func `a failing proxy stops no other and each outcome is told`() async throws {
        let unused = Sink.unusedPort
        try await Sink.with({ _ in .status(403, body: "no \u{1} entry\n") }) { refusing in
            try await Sink.with { sink in
                let fixture = try Fixture(
                    .to(refusing.uri, "http://127.0.0.1:\(unused)", sink.uri) { $0.retry = .never }
                )
                let error = try await publishError {
                    try await fixture.publisher.publish(.httpStream("x"), to: "test")
                }
                #expect(error.code == .proxiesFailed)
                #expect(error.result.outcomes.map(\.accepted) == [0, 0, 1])
                #expect(error.result.outcomes.map(\.failure?.code) == [.status, .connection, nil])
                #expect(error.result.outcomes.map(\.failure?.status) == [403, nil, nil])
                #expect(error.result.outcomes[0].failure?.responseExcerpt == "no   entry")
                #expect(error.description.contains("2 of 3 proxies failed"))
                #expect(error.description.contains("\(refusing.uri): answered 403: 'no   entry'"))
                #expect(error.description.contains("http://127.0.0.1:\(unused): no connection"))
                #expect(!error.description.contains(sink.uri))
                #expect(sink.channelNames == ["test"])
            }
        }
    }

    @Test func `an application's own client is used and left running`() async throws {
        try await Sink.with { sink in
            try await HTTPClient.withHTTPClient { client in
                let fixture = try Fixture(.to(sink.uri), client: client)
                try await fixture.running { try await fixture.publisher.publish(.httpStream("x"), to: "test") }
                let answer = try await client.execute(HTTPClientRequest(url: sink.uri), timeout: .seconds(5))
                #expect(answer.status == .ok)
            }
        }
    }
}
