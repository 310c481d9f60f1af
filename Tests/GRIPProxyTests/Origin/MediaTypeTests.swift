import GRIPProxy
import NIOCore
import Testing

@Suite("Media types of origins", .timeLimit(.minutes(5)))
struct MediaTypeTests {
    @Test(
        "Events are events whatever the parameters of their type and the case of its letters",
        arguments: [
            "application/websocket-events", "application/websocket-events; charset=utf-8",
            "Application/WebSocket-Events", "application/websocket-events ;charset=utf-8",
            "application/websocket-events;",
        ]
    )
    func events(type: String) async throws {
        try await TestOrigin.with([("Content-Type", type)], "OPEN\r\nTEXT 2\r\nhi\r\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
            } _: { proxy async throws in
                try await proxy.client { client async throws in
                    #expect(try await client.openWebSocket("/"))
                    #expect(try await client.frame()?.text == "hi")
                }
            }
        }
    }

    @Test(
        "Another type refuses the WebSocket",
        arguments: ["text/plain", "application/websocket-eventsx", "application/json; application/websocket-events"]
    )
    func otherType(type: String) async throws {
        try await TestOrigin.with([("Content-Type", type)], "OPEN\r\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
            } _: { proxy async throws in
                #expect(try await proxy.get("/x", OriginHandshake.fields)?.code == 200)
            }
        }
    }
}
