import GRIPProxy
import Testing

@Suite("Origins that do not answer in time", .timeLimit(.minutes(5)))
struct OriginResponseTimeoutTests {
    static let failed = "grip_proxy_origin_failures_total{reason=\"timeout\"}"

    @Test("An origin that says nothing, or half a head, makes a 504", arguments: ["", "HTTP/1.1 200 OK\r\nContent-Le"])
    func silence(beginning: String) async throws {
        try await ScriptedOrigin.with { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            try await connection.send(beginning)
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.originResponse = .milliseconds(50)
            } _: { proxy async throws in
                let response = try await proxy.get()
                #expect(response?.code == 504)
                #expect(response?.body == "The origin did not answer in time.\n")
                #expect(try await proxy.metric(Self.failed) == 1)
                #expect(try await proxy.metric("grip_proxy_origin_requests_total") == 1)
            }
        }
    }

    @Test("A request that an origin may have seen goes to no other target")
    func noSecondTarget() async throws {
        try await ScriptedOrigin.with {
            try await $0.keepSilent()
        } _: { port in
            try await TestOrigin.with([], "second") { second in
                try await withProxy {
                    $0.routes = ["* 127.0.0.1:\(port) 127.0.0.1:\(second)"]
                    $0.timeouts.originResponse = .milliseconds(50)
                } _: { proxy async throws in
                    #expect(try await proxy.get()?.code == 504)
                    #expect(try await proxy.metric(Self.failed) == 1)
                    #expect(try await proxy.metric("grip_proxy_origin_requests_total") == 1)
                }
            }
        }
    }

    @Test("The connection of an overdue request is closed, and the client's serves the next one")
    func recovery() async throws {
        try await withPatience { time in
            let (ends, end) = AsyncStream.makeStream(of: Void.self)
            try await ScriptedOrigin.with { connection in
                let head = try await connection.text(upTo: "\r\n\r\n") ?? ""
                guard head.hasPrefix("GET /silent") else {
                    return try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                }
                _ = try await connection.rest()
                end.yield()
            } _: { port in
                try await withProxy {
                    $0.routes = ["* 127.0.0.1:\(port)"]
                    $0.timeouts.originResponse = time
                } _: { proxy async throws in
                    try await proxy.client { client in
                        try await client.send("GET /silent HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try await client.response()?.code == 504)
                        var iterator = ends.makeAsyncIterator()
                        #expect(await iterator.next() != nil)
                        try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                        try await expectInTime(client.response()?.body == "ok")
                    }
                }
            }
        }
    }

    @Test("A request that takes its time to be sent is not overdue")
    func slowRequest() async throws {
        try await withPatience { time in
            try await ScriptedOrigin.with { connection in
                guard try await connection.text(upTo: "\r\n\r\n")?.hasPrefix("POST") == true else {
                    _ = try await connection.rest()
                    return
                }
                _ = try await connection.text(upTo: "whole")
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            } _: { port in
                try await withProxy {
                    $0.routes = ["* 127.0.0.1:\(port)"]
                    $0.timeouts.originResponse = time
                    $0.timeouts.requestBody = .seconds(300)
                } _: { proxy async throws in
                    try await proxy.client { client in
                        try await client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nwh")
                        // Others are overdue meanwhile, whichever event loop they are on.
                        for _ in 0..<3 { #expect(try await proxy.get()?.code == 504) }
                        try await client.send("ole")
                        try await expectInTime(client.response()?.body == "ok")
                    }
                }
            }
        }
    }

    @Test("A WebSocket whose origin says nothing is refused", arguments: ["", ",over_http"])
    func webSocket(option: String) async throws {
        try await ScriptedOrigin.with {
            try await $0.keepSilent()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)\(option)"]
                $0.timeouts.originResponse = .milliseconds(50)
            } _: { proxy async throws in
                let response = try await proxy.get("/x", OriginHandshake.fields)
                #expect(response?.code == 502)
                #expect(response?.body == "Error while proxying to origin.\n")
                #expect(try await proxy.metric(Self.failed) == 1)
                #expect(try await proxy.metric("grip_proxy_origin_requests_total") == 1)
            }
        }
    }
}
