import GRIP
import Logging
import Testing

@testable import GRIPProxy

/// What a program that runs a proxy publishes itself.
@Suite("Publishing in the process of the proxy", .timeLimit(.minutes(5)))
struct InProcessPublishTests {
    private static func publication(id: String? = nil, previousID: String? = nil) -> GRIPPublication {
        GRIPPublication(GRIPItem(.httpStream("x"), id: id, previousID: previousID), to: "a")
    }

    @Test("Line ends in ids are refused with the field, and the others of the publish are not taken either")
    func lineEnds() async throws {
        let log = CapturedLog(level: .info)
        try await withProxy(log: log) { proxy in
            for (publication, field) in [
                (Self.publication(id: "1\r\nX: y"), "id"), (Self.publication(previousID: "0\n"), "prev-id"),
            ] {
                let error = await #expect(throws: GRIPError.self) {
                    try await proxy.server.publish([Self.publication(id: "1"), publication])
                }
                #expect(error?.code == .item)
                #expect(error?.reason.contains("'\(field)' of publication 1") == true)
                #expect(!proxy.server.enqueue([Self.publication(id: "1"), publication]))
            }
            #expect(try await proxy.metric("message_received") == 0)
            try await proxy.server.publish([Self.publication(id: "1")])
            #expect(proxy.server.enqueue([Self.publication(id: "2")]))
            #expect(try await proxy.metric("message_received") == 2)
        }
        #expect(log.entries.count { $0.level == .error && $0.message.contains("nothing of what was enqueued") } == 2)
    }

    @Test("An embedded proxy refuses them too, before it has a connection")
    func embedded() async throws {
        let log = CapturedLog(level: .info)
        let proxy = try EmbeddedProxy(
            .embedded,
            key: GRIPKey("changeme"),
            issuer: "test",
            logger: log.logger
        )
        for counts in [false, true] {
            await #expect(throws: GRIPError.self) {
                try await proxy.publish([Self.publication(id: "a\nb")], countingDeliveries: counts)
            }
        }
        #expect(!proxy.enqueue([Self.publication(id: "a\nb")]))
        #expect(proxy.enqueue([Self.publication(id: "a")]))
        #expect(log.entries.count { $0.level == .error } == 1)
    }
}
