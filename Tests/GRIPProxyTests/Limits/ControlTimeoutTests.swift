import GRIPProxy
import NIOCore
import Testing

@Suite("Times: slow publishers", .timeLimit(.minutes(5)))
struct ControlTimeoutTests {
    private static func refused(_ reason: String) -> String { "grip_proxy_control_refused_total{reason=\"\(reason)\"}" }

    @Test("Who sends nothing, a part of a head or a part of a body is disconnected and counted")
    func slow() async throws {
        for (index, bytes) in [
            "", "POST /publish HTTP/1.1\r\nX:", "POST /publish HTTP/1.1\r\nContent-Length: 9\r\n\r\n{",
        ]
        .enumerated() {
            try await withProxy {
                $0.timeouts.requestHead = index < 2 ? .milliseconds(500) : .seconds(300)
                $0.timeouts.requestBody = index < 2 ? .seconds(300) : .milliseconds(100)
            } _: { proxy in
                let text = try await proxy.publisher { connection in
                    do { try await connection.send(bytes) } catch is ChannelError {
                        // On a busy machine even this comes too late.
                    }
                    return try await connection.rest()
                }
                #expect(text == "")
                #expect(try await proxy.metric(Self.refused("timeout")) >= 1)
                #expect(try await proxy.metric(Self.refused("idle")) == 0)
            }
        }
    }

    @Test("A body that never pauses and is slow all the same is disconnected, and counted apart")
    func slowBody() async throws {
        try await withProxy {
            $0.timeouts.requestBody = .milliseconds(500)
            $0.limits.requestBodyRate = 1_000_000
        } _: { proxy in
            try await proxy.publisher { connection in
                do {
                    try await connection.send("POST /publish HTTP/1.1\r\nContent-Length: 900000\r\n\r\n")
                    while true {
                        try await connection.send(" ")
                        _ = try await proxy.metric("request_received")
                    }
                } catch {}
            }
            #expect(try await proxy.metric(Self.refused("rate")) == 1)
            #expect(try await proxy.metric(Self.refused("timeout")) == 0)
        }
    }

    @Test("Who has its answers and asks for nothing more is disconnected, and counted apart")
    func idle() async throws {
        try await withProxy {
            $0.timeouts.keepAlive = .milliseconds(100)
        } _: { proxy in
            try await proxy.publisher { connection in
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.rest().hasSuffix("GRIP API\n"))
            }
            #expect(try await proxy.metric(Self.refused("idle")) == 1)
            #expect(try await proxy.metric(Self.refused("timeout")) == 0)
        }
    }
}
