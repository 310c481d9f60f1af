import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("Items that end something obey filters and ids as contents do")
struct ItemActionTests {
    private static let now = EngineTime(milliseconds: 0)

    private static func delivery(
        _ format: GRIPFormat,
        id: String? = nil,
        after previousID: String? = nil,
        from sender: String
    ) throws -> Delivery {
        let item = try GRIPItem([format], id: id, previousID: previousID, meta: ["sender": sender])
        return Delivery(GRIPPublication(item, to: "test"))
    }

    private static func stream(of user: String, after previousID: String? = nil) throws -> StreamHold {
        var terms = HoldTerms()
        terms.meta = ["user": user]
        terms.nextLink = .init(
            target: .route(path: "/next"),
            uri: URIReference(scheme: "http", authority: "test", path: "/next"),
            timeout: .seconds(60)
        )
        let channel = try GRIPChannel("test", previousID: previousID, filters: [.skipSelf])
        var hold = StreamHold(
            channels: [HeldChannel(channel, prefix: "")],
            terms: terms,
            waitingLimit: 1,
            now: Self.now
        )
        #expect(hold.begin(isHolding: true, catchUp: .inOrder, now: Self.now, random: 0) == [])
        return hold
    }

    @Test("A close ends only the streams that it is for")
    func closeOfStream() throws {
        var hold = try Self.stream(of: "al")
        #expect(hold.receive(try Self.delivery(.httpStreamClose, from: "al"), slot: 0, now: Self.now) == .skip)
        #expect(!hold.isEnded)
        #expect(hold.receive(try Self.delivery(.httpStreamClose, from: "bob"), slot: 0, now: Self.now) == .end)
        #expect(hold.isEnded)
    }

    @Test("A close does not end a stream that misses items")
    func closeAfterGap() throws {
        var hold = try Self.stream(of: "al", after: "1")
        let early = try Self.delivery(.httpStreamClose, id: "3", after: "2", from: "bob")
        #expect(hold.receive(early, slot: 0, now: Self.now) == .recover(channel: "test"))
        #expect(!hold.isEnded)
        // One that is for others counts all the same.
        let others = try Self.delivery(.httpStreamClose, id: "2", after: "1", from: "al")
        #expect(hold.receive(others, slot: 0, now: Self.now) == .skip)
        let next = try Self.delivery(.httpStreamClose, id: "3", after: "2", from: "bob")
        #expect(hold.receive(next, slot: 0, now: Self.now) == .end)
    }

    @Test("An item whose status is none of a response leaves a long poll as it is", arguments: [0, 100, 101, 199])
    func impossibleStatus(code: Int) throws {
        var hold = ResponseHold(
            ResponseHold.Answer(head: HTTPResponse(status: .ok), body: ByteBuffer()),
            channels: [HeldChannel(GRIPChannel("test"), prefix: "")],
            meta: [:],
            timeout: nil,
            now: Self.now
        )
        let bad = try Self.delivery(.httpResponse("x", status: HTTPResponse.Status(code: code)), from: "al")
        #expect(hold.receive(bad, slot: 0) == .failed("no response ends with status \(code)"))
        #expect(!hold.isEnded)
        guard case .answer = hold.receive(try Self.delivery(.httpResponse("x"), from: "al"), slot: 0) else {
            Issue.record("there is no answer")
            return
        }
    }

    @Test("A close ends only the WebSockets that it is for")
    func closeOfWebSocket() throws {
        let filtered = #"{"type":"subscribe","channel":"test","filters":["skip-self"]}"#
        let user = #"{"type":"set-meta","name":"user","value":"al"}"#
        let events = [filtered, user].map { "TEXT \(String($0.utf8.count + 2, radix: 16))\r\nc:\($0)\r\n" }.joined()
        let conversation = OverHTTPConversation.opened(events: "OPEN\r\n" + events)
        var filters = WebSocketItemFilters()
        filters.set([.skipSelf], for: "test")
        let hold = conversation.relay.hold
        for format in [GRIPFormat.webSocketClose(), .webSocketRefresh, .webSocketMessage("x")] {
            #expect(filters.apply(to: try Self.delivery(format, from: "al"), for: hold) == .dropped)
            #expect(filters.apply(to: try Self.delivery(format, from: "bob"), for: hold) == .unchanged)
        }
    }
}
