import Foundation
import GRIP
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Testing

/// Members of clients on several `grip proxy` with a real server of NATS between them.
@Suite("Presence of several processes", .needsNATS, .timeLimit(.minutes(5))) struct PresenceProcessesTests {
    /// What one who watches knows, by the events of a control API.
    private struct Members {
        private(set) var keys: Set<String> = []
        private(set) var departures: [String: String] = [:]

        /// Takes one event, with its lines.
        mutating func take(_ event: String) throws {
            let lines = event.split(separator: "\n")
            guard let name = lines.first?.dropFirst("event: ".count), lines.count == 2 else { return }
            let data = try JSONValue(parsing: String(lines[1].dropFirst("data: ".count)))
            if name == "snapshot" {
                self.keys = Set(data["members"]?.array?.compactMap { $0["key"]?.string } ?? [])
            }
            guard let key = data["key"]?.string else { return }
            switch name {
            case "joined": #expect(self.keys.insert(key).inserted, "\(key) joins twice")
            case "left":
                #expect(self.keys.remove(key) != nil, "\(key) leaves twice")
                self.departures[key] = data["reason"]?.string
            default: break
            }
        }
    }

    /// Runs an origin whose streams belong to the members that clients name.
    private static func withOrigin<Result: Sendable>(_ body: @Sendable (Int) async throws -> Result) async throws
        -> Result
    {
        let port = try await FreePort.next()
        let router = Router()
        router.get("room") { request, _ in
            let key = request.uri.queryParameters["as"].map(String.init) ?? "nobody"
            var fields = HTTPFields()
            let channel = try GRIPChannel("room", member: GRIPMember(key))
            GRIPInstruction.stream(on: channel).write(to: &fields)
            return Response(status: .ok, headers: fields, body: .init(byteBuffer: ByteBuffer(string: "[open]\n")))
        }
        return try await withApplication(
            { onServerRunning in
                Application(
                    router: router,
                    configuration: .init(address: .hostname("127.0.0.1", port: port)),
                    onServerRunning: onServerRunning
                )
            },
            { try await body(port) }
        )
    }

    @Test("One is killed and one is told to end: who watches a third ends with exactly the members there are")
    func killAndTerminate() async throws {
        try await Self.withOrigin { port in
            try await withNATSServer { server in
                let arguments = ["--bus", server.url, "--set", "presence.graceMs=5000"]
                let routes = ["* 127.0.0.1:\(port)"]
                try await withGripProxy(routes: routes, arguments: arguments) { a in
                    try await withGripProxy(routes: routes, arguments: arguments) { b in
                        try await withGripProxy(routes: routes, arguments: arguments) { c in
                            try await Self.run(a, b, c)
                        }
                    }
                }
            }
        }
    }

    private static func run(_ a: RunningProxy, _ b: RunningProxy, _ c: RunningProxy) async throws {
        for proxy in [a, b, c] { try await proxy.process.waitForOutput(containing: "the bus is connected") }
        let accept: [(String, String)] = [("Accept", "text/event-stream")]
        try await withStream("\(c.controlURL)/presence/room", headers: .init(accept)) { events in
            var members = Members()
            func follow(until isThere: (Members) -> Bool) async throws {
                while !isThere(members) {
                    try members.take(try await events.readUntil("\n\n", within: .seconds(90)))
                }
            }
            try await withStream("\(a.url)/room?as=alice") { alice in
                _ = try await alice.readUntil("[open]\n")
                try await withStream("\(b.url)/room?as=bob") { bob in
                    _ = try await bob.readUntil("[open]\n")
                    try await withStream("\(b.url)/room?as=dave") { dave in
                        _ = try await dave.readUntil("[open]\n")
                        try await withStream("\(c.url)/room?as=carol") { carol in
                            _ = try await carol.readUntil("[open]\n")
                            try await follow { $0.keys == ["alice", "bob", "carol", "dave"] }
                            kill(a.process.processIdentifier, SIGKILL)
                            kill(b.process.processIdentifier, SIGTERM)
                            try await withStream("\(c.url)/room?as=bob") { again in
                                _ = try await again.readUntil("[open]\n")
                                try await follow { $0.departures.count == 2 }
                                #expect(members.keys == ["bob", "carol"])
                                #expect(members.departures == ["dave": "moved", "alice": "instanceLost"])
                                let list = try JSONValue(parsing: try await fetch("\(c.controlURL)/presence/room").body)
                                #expect(list["complete"] == .bool(true))
                                #expect(
                                    Set(list["members"]?.array?.compactMap { $0["key"]?.string } ?? []) == members.keys
                                )
                            }
                        }
                    }
                }
            }
        }
    }
}
