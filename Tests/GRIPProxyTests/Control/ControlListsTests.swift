import Foundation
import GRIPProxy
import Testing

/// What the control API tells of clients that are held.
@Suite("Connections and channels in the control API", .timeLimit(.minutes(5)))
struct ControlListsTests {
    private struct Connections: Decodable {
        struct Connection: Decodable {
            var id: String
            var peer: String
            var hold: String?
            var channels: [String]
        }

        var connections: [Connection]
        var next: String?
    }

    /// Runs an origin that holds everybody on two channels, and a proxy before it.
    private func withHeldClients(_ mode: String, _ body: (ProxyScope) async throws -> Void) async throws {
        let fields = [("Grip-Hold", mode), ("Grip-Channel", "a, b/\"c")]
        try await TestOrigin.with(fields, "[open]\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                // Nobody asks the origin again but for a reason that a test gives.
                $0.delivery.updatesOnFirstSubscription = false
            } _: {
                try await body($0)
            }
        }
    }

    private func get(_ target: String, _ proxy: ProxyScope, method: String = "GET") async throws -> String {
        try await proxy.publisher { connection in
            try await connection.send("\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
            return try #require(try await connection.response()).body
        }
    }

    /// Asks until an answer is as it should be, and tells the last one if that takes too long.
    private func wait(
        _ target: String,
        _ proxy: ProxyScope,
        until isRight: (String) -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(60)
        var text = try await self.get(target, proxy)
        while !isRight(text) {
            guard ContinuousClock.now < end else {
                Issue.record("\(target) is not as expected: \(text)")
                return
            }
            text = try await self.get(target, proxy)
        }
    }

    private func connections(_ query: String, _ proxy: ProxyScope) async throws -> Connections {
        let text = try await self.get("/connections/\(query)", proxy)
        return try JSONDecoder().decode(Connections.self, from: Data(text.utf8))
    }

    private func hold(
        _ proxy: ProxyScope,
        _ body: (inout TestConnection) async throws -> Void
    ) async throws {
        try await proxy.client { client in
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.text(upTo: "[open]\n\r\n") != nil)
            try await body(&client)
        }
    }

    @Test("A held stream is listed with its channels, and DELETE ends it")
    func stream() async throws {
        try await self.withHeldClients("stream") { proxy in
            try await self.hold(proxy) { client in
                let all = try await self.connections("", proxy)
                let connection = try #require(all.connections.first)
                #expect(all.connections.count == 1)
                #expect(all.next == nil)
                #expect(connection.peer == "127.0.0.1")
                #expect(connection.hold == "stream")
                #expect(connection.channels == ["a", "b/\"c"])
                #expect(try await self.connections("?channel=b%2F%22c", proxy).connections.count == 1)
                #expect(try await self.connections("?channel=c", proxy).connections.isEmpty)
                let alone = try await self.get("/connections/\(connection.id)", proxy)
                #expect(alone.hasPrefix("{\"id\":\"\(connection.id)\",\"peer\":\"127.0.0.1\",\"hold\":\"stream\""))
                #expect(try await self.get("/connections/0", proxy) == "Not Found\n")
                #expect(try await self.get("/connections/\(UInt64.max)", proxy) == "Not Found\n")
                #expect(try await self.get("/connections/\(connection.id)", proxy, method: "DELETE") == "Closed\n")
                #expect(try await client.rest() == "0\r\n\r\n")
            }
        }
    }

    @Test("Connections are listed page by page")
    func pages() async throws {
        try await self.withHeldClients("stream") { proxy in
            try await self.hold(proxy) { _ in
                try await self.hold(proxy) { _ in
                    try await self.hold(proxy) { _ in
                        let first = try await self.connections("?limit=2", proxy)
                        #expect(first.connections.count == 2)
                        let next = try #require(first.next)
                        let second = try await self.connections("?limit=2&after=\(next)", proxy)
                        #expect(second.connections.count == 1)
                        #expect(second.next == nil)
                        #expect(Set((first.connections + second.connections).map(\.id)).count == 3)
                    }
                }
            }
        }
    }

    @Test("Channels are listed with their subscribers as long as there are any")
    func channels() async throws {
        try await self.withHeldClients("stream") { proxy in
            #expect(try await self.get("/channels/", proxy) == "{\"channels\":[]}\n")
            try await self.hold(proxy) { _ in
                try await self.hold(proxy) { _ in
                    let two = #""subscribers":{"http-response":0,"http-stream":2,"ws-message":0}}"#
                    let all = "{\"channels\":[{\"name\":\"a\",\(two),{\"name\":\"b/\\\"c\",\(two)]}\n"
                    let first = "{\"channels\":[{\"name\":\"a\",\(two)],\"next\":\"a\"}\n"
                    let second = "{\"channels\":[{\"name\":\"b/\\\"c\",\(two)]}\n"
                    let alone = "{\"name\":\"b/\\\"c\",\(two)\n"
                    for (target, expected) in [
                        ("/channels/", all), ("/channels/?limit=1", first), ("/channels/?limit=1&after=a", second),
                        ("/channels/b%2F%22c", alone), ("/channels/x", "Not Found\n"),
                    ] {
                        let text = try await self.get(target, proxy)
                        #expect(text == expected)
                    }
                }
            }
        }
    }

    @Test("A publish tells how many have got each item when it is asked to")
    func deliveries() async throws {
        try await self.withHeldClients("stream") { proxy in
            try await self.hold(proxy) { first in
                try await self.hold(proxy) { second in
                    let body = """
                        {"items":[{"channel":"a","http-stream":{"content":"A\\n"}},\
                        {"channel":"x","http-stream":{"content":"X\\n"}},{"channel":"a","ws-message":{"content":"W"}},\
                        {"channel":"b/\\"c","http-stream":{"content":"B\\n"}}]}
                        """
                    let response = try await proxy.publisher { connection in
                        try await connection.send(
                            """
                            POST /publish HTTP/1.1\r\nHost: a\r\nPrefer: return=representation\r\n\
                            Content-Length: \(body.utf8.count)\r\n\r\n\(body)
                            """
                        )
                        return try await connection.response()
                    }
                    func item(_ channel: String, _ streams: Int) -> String {
                        """
                        {"channel":"\(channel)","deliveries":\
                        {"http-response":0,"http-stream":\(streams),"ws-message":0}}
                        """
                    }
                    let items = [item("a", 2), item("x", 0), item("a", 0), item("b/\\\"c", 2)].joined(separator: ",")
                    #expect(response?.body == "{\"message\":\"Published\",\"items\":[\(items)]}\n")
                    #expect(response?.fields.contains("Preference-Applied: return=representation") == true)
                    for expected in ["2\r\nA\n\r\n", "2\r\nB\n\r\n"] {
                        #expect(try await first.text(upTo: "\n\r\n") == expected)
                        #expect(try await second.text(upTo: "\n\r\n") == expected)
                    }
                }
            }
        }
    }

    @Test("Long polls are counted and answered")
    func longPolls() async throws {
        try await self.withHeldClients("response") { proxy in
            try await proxy.client { client in
                try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                try await self.wait("/connections/", proxy) { $0.contains(#""hold":"response""#) }
                let body = #"{"items":[{"channel":"a","http-response":{"body":"hello"}}]}"#
                let answer = try await proxy.publisher { connection in
                    try await connection.send(
                        """
                        POST /publish HTTP/1.1\r\nHost: a\r\nPrefer: return=representation\r\n\
                        Content-Length: \(body.utf8.count)\r\n\r\n\(body)
                        """
                    )
                    return try await connection.response()
                }
                #expect(answer?.body.contains(#"{"http-response":1,"http-stream":0,"ws-message":0}"#) == true)
                #expect(try await client.response()?.body == "hello")
            }
        }
    }

    @Test("After a recovery those who wait ask their origin again")
    func recovery() async throws {
        try await self.withHeldClients("response") { proxy in
            try await proxy.client { client in
                try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                try await self.wait("/connections/", proxy) { $0.contains(#""hold":"response""#) }
                let answer = try await proxy.publisher { connection in
                    try await connection.send("POST /recover HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
                    return try await connection.response()
                }
                #expect(answer?.body == "Updated\n")
                try await self.wait("/metrics", proxy) { $0.contains("\ngrip_proxy_origin_requests_total 2\n") }
            }
        }
    }
}
