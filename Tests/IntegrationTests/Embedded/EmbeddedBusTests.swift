import GRIP
import GRIPTesting
import Hummingbird
import HummingbirdGRIP
import Testing

/// Two applications with a proxy in each, connected by a bus.
@Suite("Embedded: several instances", .timeLimit(.minutes(5))) struct EmbeddedBusTests {
    @Sendable private static func routes(_ router: TestRouter, _ grip: GRIPOrigin) {
        router.get("stream") { _, _ in "[open]\n".held(.stream(on: "test")) }
    }

    @Test("What one application publishes reaches clients of the other, before anybody has connected to it")
    func publish() async throws {
        let network = GRIPLoopbackNetwork()
        let (one, other) = (network.makeBus(), network.makeBus())
        try await withEmbeddedApplication(bus: one, routes: Self.routes) { holder in
            try await withEmbeddedApplication(bus: other, routes: Self.routes) { publisher in
                try await withStream("\(holder.url)/stream") { stream in
                    #expect(try await stream.readUntil("\n") == "[open]\n")
                    let result = try await publisher.grip.publish(.httpStream("one\n"), to: "test")
                    #expect(result.busRefusals.isEmpty)
                    #expect(try await stream.readUntil("\n") == "one\n")
                    try await holder.grip.publish(.httpStream("two\n"), to: "test")
                    #expect(try await stream.readUntil("\n") == "two\n")
                    #expect(publisher.grip.enqueue([.init(.init(.httpStream("three\n")), to: "test")]))
                    #expect(try await stream.readUntil("\n") == "three\n")
                    other.cut()
                    let refused = try await publisher.grip.publish(.httpStream("lost\n"), to: "test")
                    #expect(refused.busRefusals.map(\.busRefusal) == [.disconnected])
                    #expect(refused.failures.isEmpty)
                }
            }
        }
    }
}
