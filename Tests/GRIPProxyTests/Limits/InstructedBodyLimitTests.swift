import GRIPProxy
import NIOCore
import Testing

@Suite("Limit: instructedBody", .timeLimit(.minutes(5)))
struct InstructedBodyLimitTests {
    private static let tooLarge = "grip_proxy_too_large_total{limit=\"instructedBody\"}"

    /// Asks for a response with instructions and a body of a size, where 1000 bytes may be.
    private static func ask(
        _ fields: [(String, String)],
        _ size: Int,
        _ body: (ProxyScope, inout TestConnection) async throws -> Void
    ) async throws {
        try await TestOrigin.with(fields, String(repeating: "x", count: size - 1) + "!") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.instructedBody = 1000
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await body(proxy, &client)
                }
            }
        }
    }

    @Test("A body of the size that may be is the answer")
    func largest() async throws {
        try await Self.ask([("Grip-Status", "201")], 1000) { proxy, client in
            let response = try await client.response()
            #expect(response?.code == 201)
            #expect(response?.body.utf8.count == 1000)
            #expect(try await proxy.metric(Self.tooLarge) == 0)
        }
    }

    @Test("A larger one is answered with 502, with a hold or without", arguments: ["Grip-Status", "Grip-Hold"])
    func tooLarge(field: String) async throws {
        let fields = [(field, field == "Grip-Status" ? "201" : "response"), ("Grip-Channel", "a")]
        try await Self.ask(fields, 1001) { proxy, client in
            let response = try await client.response()
            #expect(response?.code == 502)
            #expect(response?.body == "Error while proxying to origin.\n")
            #expect(try await proxy.metric(Self.tooLarge) == 1)
            #expect(try await proxy.metric("grip_proxy_holds_begun_total{kind=\"response\"}") == 0)
        }
    }

    @Test("The beginning of a stream may be of any size")
    func stream() async throws {
        try await Self.ask([("Grip-Hold", "stream"), ("Grip-Channel", "a")], 100_000) { proxy, client in
            #expect(try await client.text(upTo: "!") != nil)
            // The hold begins after the last of the body.
            while try await proxy.publish(text: "item") == 0 {}
            #expect(try await client.text(upTo: "item") != nil)
            #expect(try await proxy.metric(Self.tooLarge) == 0)
        }
    }
}
