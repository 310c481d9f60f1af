import GRIP
import GRIPPublisher
import Logging
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(5)))
struct BatchTests {
    private static func objects(_ sizes: [Int]) -> [ByteBuffer] {
        sizes.map { ByteBuffer(repeating: UInt8(ascii: "x"), count: $0) }
    }

    static let cases: [(sizes: [Int], items: Int, bytes: Int, batches: [Int])] = [
        ([], 3, 100, []),
        ([1, 1, 1, 1], 3, 100, [3, 1]),
        // 12 around, 2 commas between.
        ([10, 10, 10], 9, 44, [3]),
        ([10, 10, 10], 9, 43, [2, 1]),
        ([31, 1, 1], 9, 43, [1, 2]),
        // What alone is too large goes alone.
        ([50, 1, 50], 9, 43, [1, 1, 1]),
        ([1, 1], 0, 0, [1, 1]),
    ]

    @Test(arguments: cases)
    func `batches keep to both limits`(sizes: [Int], items: Int, bytes: Int, batches: [Int]) {
        let limits = GRIPPublisherConfiguration.BatchLimits(maximumItems: items, maximumBytes: bytes)
        let result = limits.batches(of: Self.objects(sizes))
        #expect(result.map(\.count) == batches)
        #expect(result.flatMap(\.objects).map(\.readableBytes) == sizes)
        for batch in result where batch.count > 1 { #expect(batch.body.readableBytes <= bytes) }
    }

    @Test func `a publication over one megabyte is an error before anything is sent`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri))
            let empty = try GRIPPublication.to("test", "").json.readableBytes + 12
            let largest = try GRIPPublication.to("test", String(repeating: "x", count: 1_000_000 - empty))
            let tooLarge = try GRIPPublication.to("test", String(repeating: "x", count: 1_000_001 - empty))
            let error = try await publishError {
                try await fixture.publisher.publish([try .to("test"), tooLarge])
            }
            #expect(error.code == .itemTooLarge)
            #expect(error.reason.contains("publication 1 takes 1000001 bytes"))
            #expect(error.reason.contains("1000000"))
            #expect(sink.requests.isEmpty)
            #expect(!fixture.publisher.enqueue([tooLarge]))
            #expect(fixture.total("grip.publisher.lost", ("reason", "tooLarge")) == 1)
            #expect(fixture.entries(.error).count == 1)
            try await fixture.publisher.publish([largest])
            #expect(sink.requests.map(\.body.readableBytes) == [1_000_000])
        }
    }

    @Test func `a large publish is sent in several requests in order`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(.to(sink.uri) { $0.batch.maximumItems = 3 })
            let names = (0..<8).map { "c\($0)" }
            let result = try await fixture.publisher.publish(try names.map { try .to($0) })
            #expect(sink.requests.map { $0.publications.count } == [3, 3, 2])
            #expect(sink.channelNames == names)
            #expect(result.outcomes.map(\.accepted) == [8])
        }
    }

    @Test func `the first batch that fails is the last that is sent`() async throws {
        try await Sink.with({ $0.channelNames.contains("c3") ? .status(400, body: "bad") : .status(200) }) { sink in
            let fixture = try Fixture(.to(sink.uri) { $0.batch.maximumItems = 2 })
            let error = try await publishError {
                try await fixture.publisher.publish(try (0..<8).map { try .to("c\($0)") })
            }
            #expect(error.result.outcomes.map(\.accepted) == [2])
            #expect(error.description.contains("answered 400: 'bad'"))
            #expect(sink.requests.count == 2)
        }
    }
}
