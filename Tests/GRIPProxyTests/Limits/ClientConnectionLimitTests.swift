import GRIPProxy
import NIOCore
import Testing

@Suite("Limit: connections", .timeLimit(.minutes(5)))
struct ClientConnectionLimitTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("As many clients as may be are served, on all listeners together; more are closed and counted")
    func limit() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.connections = 2
            $0.listeners += [.tcp(host: "127.0.0.1", port: 0)]
        } _: { proxy in
            try await proxy.client { first in
                try await first.send(Self.request)
                #expect(try await first.response()?.code == 200)
                try await withConnection(to: proxy.clients[1], on: proxy.group) { second in
                    try await second.send(Self.request)
                    #expect(try await second.response()?.code == 200)
                    #expect(try await proxy.metric("grip_proxy_connections_refused_total") == 0)
                    for address in proxy.clients {
                        #expect(try await proxy.silence(at: address) == "")
                    }
                    #expect(try await proxy.metric("grip_proxy_connections_refused_total") == 2)
                    #expect(try await proxy.metric("connection_connected") == 2)
                    // Those that are there go on.
                    try await first.send(Self.request)
                    #expect(try await first.response()?.code == 200)
                }
            }
        }
    }

    @Test("There is room again when a client leaves")
    func room() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.connections = 1
        } _: { proxy in
            try await proxy.client { connection in
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try await connection.rest().hasPrefix("HTTP/1.1 200 "))
            }
            // The client learns of the end a little before there is room.
            var text = ""
            while text.isEmpty {
                text = try await proxy.client { connection in
                    do { try await connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") } catch {}
                    return try await connection.rest()
                }
            }
            #expect(text.hasPrefix("HTTP/1.1 200 "))
        }
    }
}
