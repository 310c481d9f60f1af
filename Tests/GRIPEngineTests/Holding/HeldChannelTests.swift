import GRIP
import GRIPEngine
import Testing

@Suite("The channels of a hold")
struct HeldChannelTests {
    @Test("The route's channels come first and have no prefix, the origin's have one")
    func names() {
        let channels = [GRIPChannel(unchecked: "c", previousID: "1"), GRIPChannel(unchecked: "d")]
        let (held, leftOut) = [HeldChannel].held(channels, implicit: ["own"], prefix: "p-", limit: 20)
        #expect(held.map(\.name) == ["own", "p-c", "p-d"])
        #expect(held.map(\.localName) == ["own", "c", "d"])
        #expect(held.map(\.previousID) == [nil, "1", nil])
        #expect(leftOut == [])
    }

    @Test("Of several with one name the last counts, in the place of the first")
    func repeated() {
        let channels = [
            GRIPChannel(unchecked: "c", previousID: "1"), GRIPChannel(unchecked: "d"),
            GRIPChannel(unchecked: "c", previousID: "2"), GRIPChannel(unchecked: "own"),
        ]
        let (held, leftOut) = [HeldChannel].held(channels, implicit: ["own"], prefix: "", limit: 3)
        #expect(held.map(\.name) == ["own", "c", "d"])
        #expect(held.map(\.previousID) == [nil, "2", nil])
        #expect(leftOut == [])
    }

    @Test("The member is the one that the origin named; the route's channels have none")
    func members() throws {
        let member = try GRIPMember("alice", info: "{}")
        let channels = [try GRIPChannel("c", member: member), try GRIPChannel("d")]
        let (held, _) = [HeldChannel].held(channels, implicit: ["own"], prefix: "p-", limit: 20)
        #expect(held.map(\.member) == [nil, member, nil])
    }

    @Test("Those over the limit are left out and named (HD10)", arguments: [0, 1, 20, 22, 23])
    func limit(limit: Int) {
        let channels = (0..<22).map { GRIPChannel(unchecked: "\($0)") }
        let (held, leftOut) = [HeldChannel].held(channels, implicit: ["own"], prefix: "", limit: limit)
        #expect(held.map(\.name) == Array((["own"] + channels.map(\.name)).prefix(limit)))
        #expect(leftOut == Array((["own"] + channels.map(\.name)).dropFirst(limit)))
    }

    @Test("Only channels with ids are told to the origin, by the names it knows")
    func lastIDs() {
        let held: [HeldChannel] = [
            .channel("c", after: "1", prefix: "p-"), .channel("d"), .channel("e", after: ""),
        ]
        #expect(
            held.lastIDs == [
                HeaderPolicy.LastID(channel: "c", id: "1"), HeaderPolicy.LastID(channel: "e", id: ""),
            ]
        )
    }
}
