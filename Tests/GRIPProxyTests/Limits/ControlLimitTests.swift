import GRIPProxy
import NIOCore
import Testing

@Suite("Limits: controlHead, controlBody and controlConnections", .timeLimit(.minutes(5)))
struct ControlLimitTests {
    private static func refused(_ reason: String) -> String { "grip_proxy_control_refused_total{reason=\"\(reason)\"}" }

    private static func post(_ count: Int, _ field: String = "") -> String {
        """
        POST /publish HTTP/1.1\r\nConnection: close\r\n\(field)Content-Length: \(count)\r\n\r\n\
        \(String(repeating: " ", count: count - 12))
        """ + #"{"items":[]}"#
    }

    @Test("A head is taken or refused by its size", arguments: [(800, 200), (1200, 400)])
    func head(size: Int, code: Int) async throws {
        try await withProxy {
            $0.limits.controlHead = 1000
        } _: { proxy in
            let text = try await proxy.publisher { connection in
                try await connection.send(Self.post(12, "X: \(String(repeating: "x", count: size))\r\n"))
                return try await connection.rest()
            }
            #expect(text.hasPrefix("HTTP/1.1 \(code) "))
            #expect(text.hasSuffix(code == 200 ? "\r\n\r\nPublished\n" : "\r\n\r\nRequest header too large.\n"))
            #expect(try await proxy.metric(Self.refused("head")) == (code == 200 ? 0 : 1))
        }
    }

    @Test("A body is taken or refused by its size", arguments: [(1000, 200), (1001, 400)])
    func body(size: Int, code: Int) async throws {
        try await withProxy {
            $0.limits.controlBody = 1000
        } _: { proxy in
            let text = try await proxy.publisher { connection in
                try await connection.send(Self.post(size))
                return try await connection.rest()
            }
            #expect(text.hasPrefix("HTTP/1.1 \(code) "))
            #expect(text.hasSuffix(code == 200 ? "\r\n\r\nPublished\n" : "\r\n\r\nRequest body too large.\n"))
            #expect(try await proxy.metric(Self.refused("body")) == (code == 200 ? 0 : 1))
        }
    }

    @Test("Connections over the limit are closed and counted")
    func connections() async throws {
        try await withProxy {
            $0.limits.controlConnections = 2
        } _: { proxy in
            try await proxy.publisher { first in
                try await proxy.publisher { second in
                    try await second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await second.response()?.code == 200)
                    try await first.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await first.response()?.body.contains("\n\(Self.refused("connections")) 0\n") == true)
                    #expect(try await proxy.silence(at: proxy.control[0]) == "")
                    try await first.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                    let text = try #require(try await first.response()?.body)
                    #expect(text.contains("\n\(Self.refused("connections")) 1\n"))
                    #expect(text.contains("\ngrip_proxy_control_connections 2\n"))
                }
            }
        }
    }
}
