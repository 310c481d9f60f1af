import GRIP
import GRIPEngine
import Testing

/// Event loops beyond those that can be told apart.
@Suite("Channel hub: many event loops") struct ChannelHubLoopTests {
    private let now = EngineTime(milliseconds: 0)

    private func hub() -> ChannelHub {
        ChannelHub(ChannelSequencer(.init()), linger: .zero, updatesOnFirstSubscription: false)
    }

    private func loops(_ hub: inout ChannelHub) throws -> ChannelHub.Loops {
        var outgoing: ChannelHub.Outgoing = []
        let publication = GRIPPublication(GRIPItem(.httpStream("x")), to: "test")
        _ = hub.receive(publication, now: self.now, to: &outgoing)
        return outgoing.first?.loops ?? []
    }

    @Test("Loops share a bit until the last of them has no subscriber", arguments: [[63, 64], [64, 1000]])
    func sharing(pair: [Int]) throws {
        var hub = self.hub()
        _ = hub.attach(pair[0], to: "test", now: self.now)
        _ = hub.attach(pair[1], to: "test", now: self.now)
        #expect(try self.loops(&hub) == ChannelHub.Loops(63))
        _ = hub.detach(pair[0], from: "test", lingers: false, now: self.now)
        #expect(try self.loops(&hub).contains(ChannelHub.Loops(pair[1])))
        _ = hub.detach(pair[1], from: "test", lingers: false, now: self.now)
        #expect(try self.loops(&hub).isEmpty)
        #expect(hub.channelCount == 0)
    }

    @Test("Loops with a bit of their own are told apart")
    func ownBits() throws {
        var hub = self.hub()
        for loop in 0..<63 { _ = hub.attach(loop, to: "test", now: self.now) }
        _ = hub.attach(70, to: "test", now: self.now)
        for loop in 0..<63 {
            _ = hub.detach(loop, from: "test", lingers: false, now: self.now)
            #expect(try !self.loops(&hub).contains(ChannelHub.Loops(loop)))
        }
        #expect(try self.loops(&hub) == ChannelHub.Loops(70))
    }
}
