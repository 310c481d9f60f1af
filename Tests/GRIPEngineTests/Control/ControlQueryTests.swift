import GRIP
import GRIPEngine
import HTTPTypes
import Testing

@Suite("Lists of the control API")
struct ControlQueryTests {
    private func decision(_ target: String, _ method: HTTPRequest.Method = .get) -> ControlAPI.Decision? {
        ControlAPI.open.decision(.make(method, target))
    }

    @Test("Connections are asked for as a list, of a channel, or alone")
    func connections() {
        #expect(self.decision("/connections/") == .connections(ConnectionQuery(limit: 100)))
        #expect(self.decision("/connections", .head) == .connections(ConnectionQuery(limit: 100)))
        #expect(
            self.decision("/connections/?limit=1000&after=281474976710657&channel=a%2Fb%26c%3d+%C3%A9")
                == .connections(ConnectionQuery(limit: 1000, after: 281_474_976_710_657, channel: "a/b&c=+é"))
        )
        #expect(self.decision("/connections/7") == .connection(7))
        #expect(self.decision("/connections/7/") == .connection(7))
        #expect(self.decision("/connections/7", .delete) == .close(7, ControlResponse(.ok, "Closed")))
    }

    @Test("Channels are asked for as a list or alone")
    func channels() {
        #expect(self.decision("/channels/") == .channels(ChannelQuery(limit: 100)))
        #expect(self.decision("/channels?after=b&limit=2") == .channels(ChannelQuery(limit: 2, after: "b")))
        #expect(self.decision("/channels/a%2Fb") == .channel("a/b"))
        #expect(self.decision("/channels/%F0%9F%98%80/") == .channel("😀"))
    }

    @Test("The metrics are there whatever Prometheus accepts")
    func metrics() {
        let request = ControlRequest.make(.get, "/metrics?x=1", nil, [.accept: "application/openmetrics-text"])
        #expect(ControlAPI.open.decision(request) == .metrics)
        #expect(ControlAPI.open.response(.make(.post, "/metrics", ""))?.head.headerFields[.allow] == "GET, HEAD")
    }

    @Test(
        "A query with a mistake is refused with the reason",
        arguments: [
            ("/connections?limit=0", "'limit' is not a number from 1 to 1000"),
            ("/connections?limit=1001", "'limit' is not a number from 1 to 1000"),
            ("/connections?limit=", "'limit' is not a number from 1 to 1000"),
            ("/channels?limit=99999999999999999999", "'limit' is not a number from 1 to 1000"),
            ("/connections?after=x", "'after' is not an id"), ("/connections?after=", "'after' is not an id"),
            ("/channels?channel=a", "unknown parameter"), ("/connections?chanel=a", "unknown parameter"),
            ("/connections?%ff=a", "unknown parameter"), ("/connections?=a", "unknown parameter"),
            ("/connections?channel=%", "'channel' is not percent-encoded"),
            ("/connections?channel=%ff", "'channel' is not percent-encoded"),
        ]
    )
    func mistakes(target: String, reason: String) {
        let expected = ControlResponse(.badRequest, "Invalid query: \(reason)")
        #expect(self.decision(target) == .respond(expected))
    }

    @Test("Methods that a list does not have are told so")
    func methods() {
        for (target, allowed) in [
            ("/connections", "GET, HEAD"), ("/connections/1", "GET, HEAD, DELETE"), ("/channels", "GET, HEAD"),
            ("/channels/a", "GET, HEAD"),
        ] {
            let response = ControlAPI.open.response(.make(.put, target, ""))
            #expect(response?.code == 405)
            #expect(response?.head.headerFields[.allow] == allowed)
        }
    }

    // MARK: Pages

    @Test("Connections are listed by id, with a hint where the next page begins")
    func connectionPages() {
        let query = ConnectionQuery(limit: 2)
        let first = ConnectionSnapshot(id: 1, peerAddress: "::1", kind: .stream, channels: ["a", "\""])
        let second = ConnectionSnapshot(id: 2, peerAddress: "10.0.0.1", kind: nil, channels: [])
        let third = ConnectionSnapshot(id: 3, peerAddress: "", kind: .webSocket, channels: [])
        #expect(
            query.response([[third], [first, second]]).text == """
                {"connections":[{"id":"1","peer":"::1","hold":"stream","channels":["a","\\""]},\
                {"id":"2","peer":"10.0.0.1","channels":[]}],"next":"2"}\n
                """
        )
        #expect(
            query.response([[third]]).text == """
                {"connections":[{"id":"3","peer":"","hold":"ws","channels":[]}]}\n
                """
        )
        #expect(query.response([]).text == "{\"connections\":[]}\n")
        #expect(query.response([]).type == "application/json")
    }

    @Test("A connection alone is described or not found")
    func connection() {
        let snapshot = ConnectionSnapshot(id: .max, peerAddress: "::1", kind: .response, channels: ["a"])
        #expect(
            ControlResponse(snapshot).text == """
                {"id":"18446744073709551615","peer":"::1","hold":"response","channels":["a"]}\n
                """
        )
        #expect(ControlResponse(nil) == .notFound)
    }

    @Test("A channel that several event loops have is listed once, with all its subscribers")
    func channelPages() {
        let query = ChannelQuery(limit: 2)
        let pages = [
            [ChannelSnapshot(name: "b", subscribers: CountByKind(streams: 2)), .init(name: "c", subscribers: .init())],
            [
                ChannelSnapshot(name: "a", subscribers: CountByKind(responses: 1)),
                ChannelSnapshot(name: "b", subscribers: CountByKind(streams: 1, webSockets: 3)),
            ],
        ]
        #expect(
            query.response(pages).text == """
                {"channels":[{"name":"a","subscribers":{"http-response":1,"http-stream":0,"ws-message":0}},\
                {"name":"b","subscribers":{"http-response":0,"http-stream":3,"ws-message":3}}],"next":"b"}\n
                """
        )
    }

    @Test("A channel alone has the subscribers of all event loops, or is not there")
    func channel() {
        let response = ControlResponse(channel: "a", subscribers: [.init(responses: 1), .init(responses: 2)])
        #expect(
            response.text == """
                {"name":"a","subscribers":{"http-response":3,"http-stream":0,"ws-message":0}}\n
                """
        )
        #expect(ControlResponse(channel: "a", subscribers: [.init(), .init()]) == .notFound)
    }

    @Test("Page after page has every connection once, whatever loops they are on and however large a page is")
    func paging() {
        var generator = SplitMix64(seed: 11)
        for _ in 0..<50 {
            let loops = (0..<Int.random(in: 1...4, using: &generator)).map { loop in
                (0..<Int.random(in: 0...300, using: &generator)).map { UInt64(loop) << 48 + UInt64($0) + 1 }
                    .shuffled(using: &generator)
            }
            let limit = Int.random(in: 1...200, using: &generator)
            var seen: [UInt64] = []
            while true {
                let query = ConnectionQuery(limit: limit, after: seen.last)
                let page = loops.flatMap { query.page(of: $0) }.sorted()
                seen += page.prefix(limit)
                if page.count <= limit { break }
            }
            #expect(seen == loops.joined().sorted())
        }
    }

    @Test("Page after page has every channel once, in the order of its bytes")
    func channelPaging() {
        var generator = SplitMix64(seed: 12)
        for _ in 0..<50 {
            var registries: [SubscriptionRegistry<Member>] = []
            var names: Set<String> = []
            for _ in 0..<3 {
                var registry = SubscriptionRegistry<Member>()
                for _ in 0..<Int.random(in: 0...80, using: &generator) {
                    let name = "c\(Int.random(in: 0...100, using: &generator))"
                    names.insert(name)
                    _ = registry.subscribe(Member(), to: name, kind: .stream, slot: 0)
                }
                registries.append(registry)
            }
            let limit = Int.random(in: 1...40, using: &generator)
            var seen: [String] = []
            while true {
                let query = ChannelQuery(limit: limit, after: seen.last)
                let page = Set(registries.flatMap { query.page(of: $0.all).map(\.name) }).sorted()
                seen += page.prefix(limit)
                if page.count <= limit { break }
            }
            #expect(seen == names.sorted())
        }
    }

    private final class Member {}
}
