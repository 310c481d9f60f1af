import Testing

@testable import GRIPProxy

/// Clients that send a request and then nothing more.
@Suite("Half-closed clients", .timeLimit(.minutes(5)))
struct HalfClosedClientTests {
    @Test(
        "A client that is done before the origin wants to hold it gets what there is",
        arguments: ["response", "stream"]
    )
    func hold(mode: String) async throws {
        let origin = FuzzOrigin { _ in FuzzOrigin.Answer(parts: []) }
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                let text = try await proxy.client { connection in
                    try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await connection.finish()
                    try await proxy.wait("The origin is asked") { origin.requestCount == 1 }
                    try await proxy.wait("The proxy knows that nothing more comes") {
                        try await proxy.count { loop in
                            loop.clients.values.count { ($0 as? HTTP1ClientHandler)?.isInputClosed ?? false }
                        } == 1
                    }
                    let fields = "Grip-Hold: \(mode)\r\nGrip-Channel: a\r\nContent-Length: 5\r\n"
                    origin.send("HTTP/1.1 200 OK\r\n\(fields)\r\nfirst")
                    return try await connection.rest()
                }
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.contains("first"))
            }
        }
    }
}
