import Foundation
import NIOCore
import NIOPosix
import Testing

/// Programs that cannot start, as a newcomer meets them.
@Suite("Programs that cannot start", .timeLimit(.minutes(5))) struct ProgramStartTests {
    private static var demo: String { GripCommand.folder.appendingPathComponent("demo").path }

    /// Runs the demo to its end.
    private static func run(_ environment: [String: String]) async throws -> GripCommand.Outcome {
        let none = [
            "GRIP_URL": "", "GRIP_PROXIES": "", "GRIP_VERIFY_KEY": "", "GRIP_PREFIX": "", "GRIP_BUS": "",
            "HOST": "127.0.0.1",
        ]
        return try await withChildProcess(
            Self.demo,
            environment: none.merging(environment) { $1 }
        ) { process in
            let status = try await process.waitForExit(within: .seconds(60))
            return GripCommand.Outcome(status: status, output: process.output)
        }
    }

    /// Whether it is one line that says what was wrong, apart from what was logged.
    private static func expectSentence(_ outcome: GripCommand.Outcome, _ text: String, status: Int32) {
        #expect(outcome.status == status, "\(outcome.output)")
        let lines = outcome.output.split(separator: "\n").filter { !$0.contains(" info ") }
        #expect(lines.count == 1, "\(outcome.output)")
        #expect(outcome.output.contains(text), "\(outcome.output)")
        #expect(!outcome.output.contains("Fatal error"))
    }

    @Test("A port that is no port is named", arguments: ["abc", "-1", "65536", "80 80"])
    func port(_ port: String) async throws {
        let outcome = try await Self.run(["PORT": port])
        Self.expectSentence(outcome, "The environment variable PORT is '\(port)', which is not a port", status: 78)
    }

    @Test(
        "An address of GRIP that cannot be used is named",
        arguments: ["nonsense", "ftp://a", "http://a?verify-key=base64:!"]
    )
    func url(_ url: String) async throws {
        let outcome = try await Self.run(["GRIP_URL": url, "PORT": "0"])
        Self.expectSentence(outcome, "The environment variable GRIP_URL cannot be used: grip.url: ", status: 78)
    }

    @Test(
        "A bus that cannot be made is named",
        arguments: [
            ("GRIP_BUS", "redis://a", "grip.bus: names a server of Redis or Valkey"),
            ("GRIP_BUS_CREDENTIALS", "/no/such/file", "grip.busCredentials: names the file '/no/such/file'"),
            ("GRIP_INSTANCES", "many", "grip.instances: is not an integer"),
        ]
    )
    func bus(variable: String, value: String, reason: String) async throws {
        let outcome = try await Self.run(["GRIP_BUS": "nats://a", "PORT": "0"].merging([variable: value]) { $1 })
        Self.expectSentence(outcome, "The environment variable \(variable) cannot be used: \(reason)", status: 78)
    }

    @Test("A port that is taken is named")
    func taken() async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        let outcome = try await Self.run(["PORT": "\(port)"])
        try await channel.close()
        Self.expectSentence(
            outcome,
            "The application cannot listen on 127.0.0.1:\(port): Address already in use; give another one",
            status: 69
        )
    }

    @Test("A host that is not there is named", arguments: ["192.0.2.1", "no-such-host.invalid"])
    func host(_ host: String) async throws {
        let outcome = try await Self.run(["HOST": host, "PORT": "0"])
        Self.expectSentence(outcome, "The application cannot listen on \(host):0: ", status: 69)
    }
}
