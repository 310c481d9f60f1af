import GRIPProxy
import Testing

@Suite("Pages of streams that are too long", .timeLimit(.minutes(5)))
struct OriginLinkedPageTests {
    @Test("One byte over the limit the stream ends, at the limit it has the page", arguments: [5, 6])
    func limit(count: Int) async throws {
        let page = String(repeating: "p", count: count)
        try await ScriptedOrigin.with { connection in
            while let head = try await connection.text(upTo: "\r\n\r\n") {
                let (link, body) =
                    head.hasPrefix("GET /next") ? ("", page) : ("Grip-Link: </next>; rel=next\r\n", "[x]")
                try await connection.send("HTTP/1.1 200 OK\r\n\(link)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.linkedPage = 5
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    let text = try #require(try await client.text(upTo: "\r\n0\r\n\r\n"))
                    #expect(text.contains("[x]"))
                    #expect(text.contains(page) == (count == 5))
                    try await proxy.expectMetrics(
                        "grip_proxy_links_followed_total 1",
                        "grip_proxy_origin_responses_too_large_total \(count - 5)",
                        "grip_proxy_responses_aborted_total 0"
                    )
                }
            }
        }
    }
}
