import GRIPProxy
import NIOCore
import Testing

@Suite("Limit: linkedPage", .timeLimit(.minutes(5)))
struct LinkedPageLimitTests {
    private static let tooLarge = "grip_proxy_too_large_total{limit=\"linkedPage\"}"

    /// Asks for a stream whose second page has a size, where 1000 bytes may be.
    private static func ask(
        _ size: Int,
        _ body: (ProxyScope, inout TestConnection) async throws -> Void
    ) async throws {
        try await withServer { connection in
            while let head = try await connection.requestHead() {
                if head.hasPrefix("GET /first ") {
                    try await connection.respond("200 OK", ["Grip-Link: </next>; rel=next"], "first\n")
                } else {
                    try await connection.respond("200 OK", [], String(repeating: "x", count: size))
                }
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.linkedPage = 1000
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await body(proxy, &client)
                }
            }
        }
    }

    @Test("A page of the size that may be is written")
    func largest() async throws {
        try await Self.ask(1000) { proxy, client in
            let text = try await client.text(upTo: "0\r\n\r\n")
            #expect(text?.contains(String(repeating: "x", count: 1000)) == true)
            #expect(try await proxy.metric(Self.tooLarge) == 0)
        }
    }

    @Test("A larger one ends the stream without it")
    func tooLarge() async throws {
        try await Self.ask(1001) { proxy, client in
            let text = try await client.text(upTo: "0\r\n\r\n")
            #expect(text?.hasSuffix("\r\n\r\n6\r\nfirst\n\r\n0\r\n\r\n") == true)
            #expect(try await proxy.metric(Self.tooLarge) == 1)
        }
    }
}
