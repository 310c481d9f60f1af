import GRIP
import GRIPEngine
import NIOCore
import Testing

@testable import GRIPProxy

/// Presence over the control API.
@Suite("Presence over the control API", .timeLimit(.minutes(5))) struct PresenceControlTests {
    private static func run(
        _ configure: (inout GRIPProxyServerConfiguration) -> Void = { _ in },
        _ body: (ProxyScope) async throws -> Void
    ) async throws {
        try await MemberOrigin.with { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
                $0.delivery.updatesOnFirstSubscription = false
                $0.presence.linger = .zero
                configure(&$0)
            } _: { proxy in
                try await body(proxy)
            }
        }
    }

    private static func ask(
        _ proxy: ProxyScope,
        _ path: String,
        _ method: String = "GET",
        _ fields: String = ""
    ) async throws -> TestConnection.Response? {
        try await proxy.publisher { connection in
            try await connection.send("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
            return try await connection.response(toHead: method == "HEAD")
        }
    }

    // MARK: Lists

    @Test("The members of a channel are told as JSON, whatever its name")
    func list() async throws {
        try await Self.run { proxy in
            try await proxy.client { client in
                try await HoldKind.stream.join(&client, as: "alice", info: "x", room: "r%C3%A4um/1")
                // The origin has the name as it is in the path.
                try await proxy.wait("the member") {
                    try await proxy.server.presence.members(of: "r%C3%A4um/1").members.count == 1
                }
                let answer = try #require(try await Self.ask(proxy, "/presence/r%25C3%25A4um%2F1/"))
                #expect(answer.code == 200)
                #expect(answer.fields.contains("Content-Type: application/json"))
                let json = try JSONValue(parsing: answer.body)
                #expect(json["channel"]?.string == "r%C3%A4um/1")
                #expect(json["complete"] == .bool(true))
                let member = json["members"]?.array?.first
                #expect(member?["key"]?.string == "alice")
                #expect(member?["info"]?.string == "x")
                #expect(member?["connections"] == .integer(1))
                let head = try #require(try await Self.ask(proxy, "/presence/x", "HEAD"))
                #expect(head.code == 200)
                let none = try #require(try await Self.ask(proxy, "/presence/x", "GET", "Accept: application/json\r\n"))
                #expect(none.body == #"{"channel":"x","complete":true,"members":[]}"# + "\n")
            }
        }
    }

    @Test(
        "What cannot be answered says why",
        arguments: [
            ("GET", "/presence/", "", 404, "Not Found"), ("GET", "/presence//x", "", 404, "Not Found"),
            ("GET", "/presence/a/b/c", "", 404, "Not Found"),
            ("GET", "/presence/%zz", "", 400, "Invalid path: it is not percent-encoded UTF-8."),
            ("GET", "/presence/%ff", "", 400, "Invalid path: it is not percent-encoded UTF-8."),
            (
                "DELETE", "/presence/a/%0A", "", 400,
                "Invalid path: the key of a member must not contain control characters."
            ),
            ("POST", "/presence/a", "Content-Length: 0\r\n", 405, "Method not allowed: POST."),
            ("DELETE", "/presence/a", "", 405, "Method not allowed: DELETE."),
            ("GET", "/presence/a/b", "", 405, "Method not allowed: GET."),
            (
                "GET", "/presence/a", "Accept: text/html\r\n", 406,
                "Not Acceptable. Supported formats are application/json and text/event-stream."
            ),
        ] as [(String, String, String, Int, String)]
    )
    func refusals(_ method: String, _ path: String, _ fields: String, _ code: Int, _ text: String) async throws {
        try await withProxy { proxy in
            let answer = try #require(try await Self.ask(proxy, path, method, fields))
            #expect((answer.code, answer.body) == (code, text + "\n"))
        }
    }

    @Test("A token is asked for as elsewhere")
    func token() async throws {
        try await withProxy {
            $0.controlToken = "secret"
        } _: { proxy async throws in
            for (method, path) in [("GET", "/presence/a"), ("DELETE", "/presence/a/b")] {
                #expect(try await Self.ask(proxy, path, method)?.code == 401)
                let fields = "Authorization: Bearer secret\r\n"
                #expect(try await Self.ask(proxy, path, method, fields)?.code == 200)
            }
        }
    }

    @Test("A member is kicked")
    func kick() async throws {
        try await Self.run { proxy in
            try await proxy.client { client in
                try await HoldKind.stream.join(&client, as: "alice")
                try await proxy.wait("the member") { try await proxy.metric("grip_proxy_presence_members") == 1 }
                #expect(try await Self.ask(proxy, "/presence/room/bob", "DELETE")?.body == "Kicked\n")
                let fields = "Accept: application/json\r\n"
                let answer = try await Self.ask(proxy, "/presence/room/alice", "DELETE", fields)
                #expect(answer?.body == #"{"message":"Kicked"}"# + "\n")
                #expect(try await client.rest() == "0\r\n\r\n")
            }
        }
    }

    // MARK: Event streams

    private static let asking = "GET /presence/room HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n"

    private struct Event {
        var name: String
        var data: JSONValue
        /// The key of the member that it is about.
        var key: String? { self.data["key"]?.string }
    }

    /// The next event, which is a chunk of its own.
    private static func event(_ connection: inout TestConnection) async throws -> Event? {
        guard let text = try await connection.text(upTo: "\n\n\r\n"),
            let match = text.firstMatch(of: #/^[0-9a-f]+\r\nevent: (\w+)\ndata: (.*)\n\n\r\n$/#)
        else { return nil }
        return Event(name: String(match.1), data: try JSONValue(parsing: String(match.2)))
    }

    private static func open(_ connection: inout TestConnection) async throws {
        try await connection.send(Self.asking)
        let head = try await connection.text(upTo: "\r\n\r\n")
        #expect(head?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
        #expect(head?.contains("\r\nContent-Type: text/event-stream\r\n") == true)
        #expect(head?.contains("\r\nTransfer-Encoding: chunked\r\n") == true)
        let first = try await Self.event(&connection)
        #expect(first?.name == "snapshot")
        #expect(first?.data["complete"] == .bool(true))
    }

    @Test("Changes are told as server-sent events")
    func events() async throws {
        try await Self.run { proxy in
            try await proxy.publisher { reader in
                try await Self.open(&reader)
                try await proxy.client { client in
                    try await HoldKind.webSocket.join(&client, as: "alice", info: "x")
                    let joined = try await Self.event(&reader)
                    #expect(joined?.name == "joined")
                    #expect(joined?.key == "alice")
                    try await client.send(0x1, "info y")
                    #expect(try await Self.event(&reader)?.name == "updated")
                }
                let left = try await Self.event(&reader)
                #expect(left?.name == "left")
                #expect(left?.data["reason"]?.string == "closed")
            }
            try await proxy.wait("the watch ends with its reader") {
                try await proxy.metric("grip_proxy_presence_watchers") == 0
            }
        }
    }

    @Test("A client of HTTP/1.0 gets the events without chunks")
    func oldVersion() async throws {
        try await Self.run { proxy in
            try await proxy.publisher { reader in
                try await reader.send("GET /presence/room HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n")
                let head = try await reader.text(upTo: "\r\n\r\n")
                #expect(head?.contains("chunked") == false)
                #expect(
                    try await reader.text(upTo: "\n\n")
                        == "event: snapshot\ndata: {\"channel\":\"room\",\"complete\":true,\"members\":[]}\n\n"
                )
            }
        }
    }

    @Test("Readers have half of the connections at most, so that publishers have the others")
    func streamLimit() async throws {
        try await Self.run {
            $0.limits.controlConnections = 6
        } _: { proxy in
            try await proxy.publisher { one in
                try await proxy.publisher { two in
                    try await proxy.publisher { three in
                        try await Self.open(&one)
                        try await Self.open(&two)
                        try await Self.open(&three)
                        let answer = try await Self.ask(proxy, "/presence/a", "GET", "Accept: text/event-stream\r\n")
                        #expect(answer?.code == 503)
                        #expect(try await proxy.metric(#"grip_proxy_control_refused_total{reason="streams"}"#) == 1)
                        #expect(try await Self.ask(proxy, "/presence/a")?.code == 200)
                    }
                    try await proxy.wait("room for another") {
                        try await proxy.metric("grip_proxy_presence_watchers") == 2
                    }
                    try await proxy.publisher { try await Self.open(&$0) }
                }
            }
        }
    }

    @Test("A shutdown ends event streams as a whole, at once")
    func shutdown() async throws {
        try await Self.run {
            $0.timeouts.shutdown = .seconds(60)
        } _: { proxy in
            try await proxy.publisher { reader in
                try await Self.open(&reader)
                let start = ContinuousClock.now
                await proxy.server.core.drain(GRIPProxyServerConfiguration().timeouts)
                #expect(try await reader.rest() == "0\r\n\r\n")
                #expect(ContinuousClock.now - start < .seconds(25))
            }
        }
    }

    @Test("A reader that falls behind is given a snapshot when it reads again")
    func slowReader() async throws {
        try await Self.run {
            $0.presence.queuedChanges = 2000
        } _: { proxy in
            try await withConnection(to: proxy.control[0], on: proxy.group, receiveBuffer: 65_536) { reader in
                try await Self.open(&reader)
                try await reader.stopReading()
                var fast = Watcher(at: proxy.server.presence)
                #expect(try await fast.next() == "[]")
                let info = String(repeating: "x", count: 900)
                var round = 0
                // Until what waits for the reader is more than the system takes for it.
                while try await proxy.metric("grip_proxy_presence_changes_left_out_total") == 0, round < 100 {
                    round += 1
                    let changes = try (0..<1000).map { number in
                        PresenceChange(
                            channel: "room",
                            // Not one that a loop of the proxy has.
                            subscriber: SubscriberIdentity(connection: 1 << 60 + UInt64(number), meta: [:]),
                            kind: .joined(try GRIPMember("k\(number)", info: "\(round) \(info)"), at: round)
                        )
                    }
                    proxy.server.core.presence.note(changes)
                    var line: String?
                    for _ in changes { line = try await fast.next() }
                    #expect(line?.contains("(\(round) ") == true)
                }
                try await proxy.client { client in
                    try await HoldKind.stream.join(&client, as: "bob")
                    #expect(try await fast.next() == "+bob")
                    try await reader.startReading()
                    var (snapshots, hasBob) = (0, false)
                    while !hasBob, let event = try await reader.text(upTo: "\n\n\r\n") {
                        if event.contains("\r\nevent: snapshot\n") { snapshots += 1 }
                        hasBob = event.contains(#""key":"bob""#)
                    }
                    #expect(snapshots == 1)
                    #expect(hasBob)
                }
            }
        }
    }
}
