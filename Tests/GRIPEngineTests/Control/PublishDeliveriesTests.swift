import GRIP
import GRIPEngine
import HTTPTypes
import Testing

@Suite("Deliveries of a publish")
struct PublishDeliveriesTests {
    private static let batch = #"{"items":[{"channel":"x","http-stream":{"content":"a"}}]}"#

    private static func publication(_ channel: GRIPChannel, id: String?, after: String? = nil) -> GRIPPublication {
        GRIPPublication(GRIPItem(.httpStream("a"), id: id, previousID: after), to: channel)
    }

    @Test(
        "They are told to whoever prefers a representation and takes JSON",
        arguments: [
            ("return=representation", nil, true), ("respond-async, Return=\"representation\"; x", "*/*", true),
            ("return=representation", "application/json", true), ("return=representation", "text/plain", false),
            ("return=minimal", nil, false), ("representation", nil, false), ("", nil, false),
        ] as [(String, String?, Bool)]
    )
    func preference(prefer: String, accept: String?, isTold: Bool) throws {
        var fields = HTTPFields()
        fields.append(HTTPField(name: try #require(HTTPField.Name("Prefer")), value: prefer))
        if let accept { fields[.accept] = accept }
        let decision = ControlAPI.open.decision(.make(.post, "/publish", Self.batch, fields))
        guard case .publish(_, let reply) = decision else {
            Issue.record("\(String(describing: decision))")
            return
        }
        #expect((reply == .withDeliveries) == isTold)
    }

    @Test("The answer has the numbers of each item, by kind")
    func answer() {
        let publications = [Self.publication("a", id: nil), Self.publication("b", id: nil)]
        let response = ControlResponse.published(
            publications,
            deliveries: [CountByKind(streams: 2, webSockets: 1), CountByKind(responses: 7)]
        )
        #expect(
            response.text == """
                {"message":"Published","items":[\
                {"channel":"a","deliveries":{"http-response":0,"http-stream":2,"ws-message":1}},\
                {"channel":"b","deliveries":{"http-response":7,"http-stream":0,"ws-message":0}}]}\n
                """
        )
        #expect(response.type == "application/json")
    }

    /// Publishes a batch to a hub with one subscriber and tells to how many each item went.
    private static func counts(_ batch: [GRIPPublication], in hub: inout ChannelHub) -> [Int] {
        var outgoing: ChannelHub.Outgoing = []
        var tally = DeliveryTally(batch)
        for (index, publication) in batch.enumerated() {
            let outcome = hub.receive(publication, now: EngineTime(milliseconds: 0), to: &outgoing)
            tally.note(index, outcome, outgoing)
        }
        for position in outgoing.indices { tally.add(CountByKind(streams: 1), toOutgoing: position) }
        return tally.counts.map(\.total)
    }

    private static func hub() -> ChannelHub {
        var hub = ChannelHub(ChannelSequencer(.init()), linger: .zero, updatesOnFirstSubscription: false)
        _ = hub.attach(0, to: "a", now: EngineTime(milliseconds: 0))
        return hub
    }

    @Test("An item for nobody and one that was seen before go to none")
    func none() {
        var hub = Self.hub()
        let batch = [
            Self.publication("a", id: "1"), Self.publication("b", id: "1"), Self.publication("a", id: "1"),
            Self.publication("a", id: nil),
        ]
        #expect(Self.counts(batch, in: &hub) == [1, 0, 0, 1])
    }

    @Test("An item that waits is counted when the one before it is of the same publish, else not")
    func waiting() {
        var hub = Self.hub()
        #expect(Self.counts([Self.publication("a", id: "1")], in: &hub) == [1])
        #expect(Self.counts([Self.publication("a", id: "4", after: "3")], in: &hub) == [0])
        let batch = [
            Self.publication("a", id: "3", after: "2"), Self.publication("a", id: "2", after: "1"),
            Self.publication("a", id: nil),
        ]
        #expect(Self.counts(batch, in: &hub) == [1, 1, 1])
    }

    @Test("Numbers for positions that there are not change nothing")
    func positions() {
        var tally = DeliveryTally([Self.publication("a", id: nil)])
        tally.add(CountByKind(streams: 1), toOutgoing: 5)
        tally.add(CountByKind(streams: 1), toOutgoing: -1)
        #expect(tally.counts == [CountByKind()])
    }
}
