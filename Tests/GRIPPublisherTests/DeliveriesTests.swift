import GRIP
import GRIPPublisher
import InMemoryLogging
import Logging
import NIOHTTP1
import Testing

/// What the result of a publish tells of who has got it.
@Suite(.timeLimit(.minutes(5)))
struct DeliveriesTests {
    private static let counted =
        #"{"message":"Published","items":[{"channel":"a","deliveries":{"http-stream":2,"#
        + #""ws-message":3}},{"channel":"b","deliveries":{"http-response":1}}]}"#

    @Test(
        arguments: [
            (counted, 6), ("Published\n", nil), (#"{"message":"Published"}"#, nil), ("", nil),
            (#"{"message":"Published","items":[]}"#, 0), (#"{"items":[{"channel":"a"}]}"#, nil), (#"{"items":7}"#, nil),
            (#"{"items":[{"deliveries":{"ws-message":"many"}}]}"#, nil),
        ] as [(String, Int?)]
    )
    func `deliveries are told where the proxy tells them`(answer: String, expected: Int?) async throws {
        try await Sink.with({ _ in .status(200, body: answer) }) { sink in
            let publisher = try Fixture(.to(sink.uri)).publisher
            let result = try await publisher.publish(.httpStream("x"), to: "a", countingDeliveries: true)
            #expect(result.deliveries == expected)
            #expect(sink.requests.first?.head.headers["Prefer"] == ["return=representation"])
        }
    }

    @Test func `a proxy whose bus refuses says so, and has published all the same`() async throws {
        let refused = [("Grip-Bus-Refused", "full")]
        try await Sink.with({ _ in .status(200, body: "Published\n", headers: refused) }) { one in
            try await Sink.with({ _ in .status(200, body: "Published\n", headers: [("grip-bus-refused", "new")]) }) {
                two in
                let publisher = try Fixture(.to(one.uri, two.uri)).publisher
                let result = try await publisher.publish(.httpStream("x"), to: "a")
                #expect(result.outcomes.map(\.busRefusal) == [.full, nil])
                #expect(result.busRefusals.map(\.controlURI) == [one.uri])
                #expect(result.failures.isEmpty)
                #expect(result.outcomes.map(\.accepted) == [1, 1])
            }
        }
    }

    @Test func `who does not ask is not told`() async throws {
        try await Sink.with({ _ in .status(200, body: Self.counted) }) { sink in
            let result = try await Fixture(.to(sink.uri)).publisher.publish(.httpStream("x"), to: "a")
            #expect(result.deliveries == nil)
            #expect(sink.requests.first?.head.headers["Prefer"] == [])
        }
    }

    @Test func `deliveries of batches and proxies add up`() async throws {
        try await Sink.with({ _ in .status(200, body: Self.counted) }) { one in
            try await Sink.with({ _ in .status(200, body: Self.counted) }) { two in
                let publisher = try Fixture(.to(one.uri, two.uri) { $0.batch.maximumItems = 1 }).publisher
                let result = try await publisher.publish(
                    [GRIPPublication.to("a"), GRIPPublication.to("b")],
                    countingDeliveries: true
                )
                #expect(result.outcomes.map(\.deliveries) == [12, 12])
                #expect(result.deliveries == 24)
            }
        }
    }

    @Test func `a refresh that a proxy is too old for says so`() async throws {
        try await Sink.with({ _ in .status(400, body: "Invalid format: \n") }) { sink in
            let fixture = try Fixture(.to(sink.uri))
            let refused = try await publishError { try await fixture.publisher.publish(.webSocketRefresh, to: "a") }
            #expect(refused.description.contains("Pushpin has it from 1.38 on"))
            #expect(refused.description.contains(sink.uri))
            #expect(fixture.entries(.error).first?.metadata["grip.proxy"] == "\(sink.uri)")
            #expect(fixture.logText.contains("1.38"))
            let other = try await publishError { try await fixture.publisher.publish(.webSocketMessage("x"), to: "a") }
            #expect(!other.description.contains("1.38"))
        }
    }
}
