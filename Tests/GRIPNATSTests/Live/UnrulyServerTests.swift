import GRIPNATS
import Logging
import NIOCore
import Testing

@Suite("Servers that do what they should not", .timeLimit(.minutes(2)))
struct UnrulyServerTests {
    /// What it is owed would fill the memory of the client.
    @Test func aServerThatPingsAndNeverReads() async throws {
        try await ScriptedServer.run { server in
            try await withConnection(server.url) { test in
                let channel = try await server.connection(1)
                try await channel.setOption(.autoRead, value: false).get()
                let pings = String(repeating: "PING\r\n", count: 10_000)
                let flood = Task { while !Task.isCancelled { try await channel.say(pings) } }
                defer { flood.cancel() }
                let events = try await test.events.wait(within: .seconds(60)) { $0.contains { $0.failure != nil } }
                #expect(events.compactMap(\.failure).first?.code == .stale)
            }
        }
    }

    /// Who has no room has none after another connection either.
    @Test func aPauseOutlastsTheConnection() async throws {
        try await ScriptedServer.run { server in
            try await withConnection(server.url) { test in
                let messages = test.record("a")
                try await server.wait(for: "SUB a 1")
                test.connection.setReading(false)
                try await server.connection(1).reset()
                try await test.waitUntilConnected(times: 2)
                try await server.wait(for: "SUB a 1", times: 2)
                let second = try await server.connection(2)
                try await second.say("MSG a 1 3\r\none\r\nPING\r\n")
                for round in 0..<100 {
                    try test.publish("\(round)", to: "c")
                    try await server.wait(for: "\(round)")
                }
                #expect(messages.elements.isEmpty)
                test.connection.setReading(true)
                try await messages.wait(for: "one")
                try await server.wait(for: "PONG")
            }
        }
    }

    @Test func twoServersThatEndEachConnection() async throws {
        try await ScriptedServer.run(.init(info: nil)) { one in
            try await ScriptedServer.run(.init(info: nil)) { two in
                var configuration = try GRIPNATSConfiguration(url: "\(one.url),\(two.url)")
                configuration.firstReconnectDelay = .milliseconds(1)
                configuration.longestReconnectDelay = .milliseconds(2)
                let log = LogLines()
                try await withConnection(configuration, isConnected: false, logger: log.logger) { test in
                    for server in [one, two] { _ = try await server.connection(20) }
                    #expect(log.texts(.warning).count == 2, "\(log.texts(.warning))")
                    #expect(Set(test.events.elements).count == test.events.elements.count)
                }
            }
        }
    }

    @Test func complaintsAreLoggedOnce() async throws {
        let complaint = "-ERR 'Permissions Violation for Publish to \"a\"'\r\n"
        let other = "-ERR 'Permissions Violation for Publish to \"b\"'\r\n"
        let greeting = String(repeating: complaint, count: 1000) + other + "MSG a 1 11\r\n01234567890\r\n"
        try await ScriptedServer.run(.init(greeting: greeting)) { server in
            var configuration = try GRIPNATSConfiguration(url: server.url)
            configuration.receivedMessageLimit = 10
            let log = LogLines()
            try await withConnection(configuration, logger: log.logger) { test in
                _ = try await test.events.wait { $0.contains(.messageSkipped(byteCount: 11)) }
                #expect(test.events.elements.count == 1003)
                #expect(log.texts(.warning).count == 3, "\(log.texts(.warning))")
            }
        }
    }

    @Test func aConnectionThatHasEndedIsReleased() async throws {
        final class Token: Sendable {
            let ends: Recorder<String>
            init(_ ends: Recorder<String>) { self.ends = ends }
            deinit { self.ends.record("released") }
        }
        let ends = Recorder<String>()
        try await ScriptedServer.run { server in
            let configuration = try GRIPNATSConfiguration(url: server.url)
            func use() async throws {
                let token = Token(ends)
                let connection = GRIPNATSConnection(configuration) { _ in withExtendedLifetime(token) {} }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await connection.run() }
                    try await connection.waitUntilConnected()
                    // One that refers to its own connection.
                    connection.subscribe(to: "a") { _ in _ = connection.statistics }
                    await #expect(throws: GRIPNATSError.self) {
                        try await connection.request(ByteBuffer(), to: "b", timeout: .milliseconds(1))
                    }
                    group.cancelAll()
                }
            }
            try await use()
            try await ends.wait(for: "released", within: .seconds(10))
        }
    }
}
