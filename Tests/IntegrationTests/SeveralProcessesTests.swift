import Configuration
import Foundation
import GRIP
import HummingbirdCore
import HummingbirdGRIP
import NIOHTTP1
import Testing

/// Several processes with a real server of NATS between them, as users run them.
@Suite("Several processes", .needsNATS, .timeLimit(.minutes(5))) struct SeveralProcessesTests {
    private static let none = ["GRIP_URL": "", "GRIP_PROXIES": "", "GRIP_PREFIX": "", "HOST": "127.0.0.1", "PORT": "0"]

    /// Runs the demo, and gives its URL.
    private static func withDemo<Result: Sendable>(
        _ environment: [String: String],
        _ body: (_ url: String, ChildProcess) async throws -> Result
    ) async throws -> Result {
        try await withChildProcess(
            GripCommand.folder.appendingPathComponent("demo").path,
            environment: Self.none.merging(environment) { $1 }
        ) { process in
            try await process.waitForOutput(containing: "Ctrl-C ends it")
            let url = try #require(process.output.firstMatch(of: #/curl -N (\S+)/stream/#)?.1)
            try await process.waitForOutput(containing: "the bus is connected")
            return try await body(String(url), process)
        }
    }

    /// Publishes until a stream hears of it: processes do not tell when the server knows what they are interested in.
    private static func waitForInterest(
        of stream: StreamedResponse,
        _ publish: (String) async throws -> Void
    ) async throws {
        while true {
            try await publish("ready")
            do {
                _ = try await stream.readUntil("ready\n", within: .milliseconds(200))
                return
            } catch is TimedOut {}
        }
    }

    private static func worker(_ server: NATSServer) throws -> GRIPOrigin {
        let provider = EnvironmentVariablesProvider(environmentVariables: ["GRIP_BUS": server.url])
        return try GRIPOrigin(config: ConfigReader(provider: provider))
    }

    @Test("What is posted to one application reaches clients of both, and so does what workers and commands publish")
    func applications() async throws {
        try await withNATSServer { server in
            let environment = ["GRIP_BUS": server.url]
            try await Self.withDemo(environment) { one, _ in
                try await Self.withDemo(environment) { other, _ in
                    try await withStream("\(one)/stream") { first in
                        try await withStream("\(other)/stream") { second in
                            let streams = [first, second]
                            for stream in streams { _ = try await stream.readUntil("[stream open]\n") }
                            try await Self.waitForInterest(of: first) {
                                _ = try await fetch("\(other)/stream", .POST, body: "data=\($0)")
                            }
                            try await Self.waitForInterest(of: second) {
                                _ = try await fetch("\(one)/stream", .POST, body: "data=\($0)")
                            }
                            for url in [one, other] {
                                let text = url == one ? "to-one" : "to-other"
                                #expect(try await fetch("\(url)/stream", .POST, body: "data=\(text)").body == "Ok\n")
                                for stream in streams { _ = try await stream.readUntil("\(text)\n") }
                            }

                            let worker = try Self.worker(server)
                            let result = try await worker.publish(.httpStream("by-worker\n"), to: "stream")
                            #expect(result.outcomes.map(\.controlURI) == [server.url])
                            #expect(worker.enqueue(.httpStream("enqueued\n"), to: "stream"))
                            for stream in streams {
                                _ = try await stream.readUntil("by-worker\n")
                                #expect(try await stream.readUntil("\n") == "enqueued\n")
                            }

                            // With a server that does not run, the process is a worker like any other.
                            let idle = try Self.worker(server)
                            _ = HTTPServerBuilder.grip(idle)
                            try await idle.publish(.httpStream("by-idle-server\n"), to: "stream")
                            for stream in streams { #expect(try await stream.readUntil("\n") == "by-idle-server\n") }

                            let command = ["publish", "stream", "by-command", "--stream"]
                            let outcomes = [
                                try await GripCommand.run(command + ["--bus", server.url]),
                                try await GripCommand.run(command, environment: environment),
                            ]
                            for outcome in outcomes { #expect(outcome.output == "Published\n") }
                            for stream in streams {
                                #expect(try await stream.readUntil("\n") == "by-command\n")
                                #expect(try await stream.readUntil("\n") == "by-command\n")
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("A proxy tells publishers and operators that its bus is down, once, and that it is up again")
    func outage() async throws {
        let server = NATSServer(port: try await FreePort.next())
        let arguments = ["--bus", server.url]
        try await withGripProxy(routes: ["* test"], arguments: arguments) { one in
            try await one.process.waitForOutput(containing: "the bus cannot connect: 127.0.0.1:\(server.port)")
            let early = try await Self.publish("early", to: one)
            #expect(early.status == .ok)
            #expect(early.headers["Grip-Bus-Refused"] == ["disconnected"])
            let command = try await GripCommand.run(["publish", "test", "x", "--spec", one.controlURL])
            #expect(command.status == 0)
            #expect(command.output.contains("Published\n"))
            #expect(command.output.contains("the proxy's bus does not take it (disconnected)"))
            try await server.run { _ in
                try await one.process.waitForOutput(containing: "the bus is connected")
                try await withGripProxy(routes: ["* test"], arguments: arguments) { other in
                    try await other.process.waitForOutput(containing: "the bus is connected")
                    try await withStream("\(other.url)/stream") { stream in
                        _ = try await stream.readUntil("[stream opened]\n")
                        try await Self.waitForInterest(of: stream) { _ = try await Self.publish($0, to: one) }
                        let answer = try await Self.publish("x", to: one)
                        #expect(answer.headers["Grip-Bus-Refused"] == [])
                        _ = try await stream.readUntil("x\n")
                    }
                }
                let metrics = try await fetch("\(one.controlURL)/metrics").body
                #expect(metrics.contains("\ngrip_proxy_bus_connected 1\n"))
                #expect(metrics.contains("\ngrip_proxy_bus_connections_total 1\n"))
                #expect(metrics.contains("\ngrip_proxy_bus_items_refused_total{reason=\"disconnected\"} 2\n"))
            }
            try await one.process.waitForOutput(containing: "the bus is not connected")
            let late = try await Self.publish("late", to: one)
            #expect(late.headers["Grip-Bus-Refused"] == ["disconnected"])
            #expect(one.process.output.matches(of: #/the bus is connected/#).count == 1)
            #expect(one.process.output.matches(of: #/the bus is not connected/#).count == 1)
            #expect(!one.process.output.contains("NATS: "), "\(one.process.output)")
        }
    }

    private static func publish(_ text: String, to proxy: RunningProxy) async throws -> FetchedResponse {
        let body = #"{"items":[{"channel":"test","formats":{"http-stream":{"content":"\#(text)\n"}}}]}"#
        return try await fetch("\(proxy.controlURL)/publish/", .POST, body: body)
    }
}

/// What programs say about their bus before they begin.
@Suite("Settings of the bus, as programs read them", .timeLimit(.minutes(5))) struct BusSettingTests {
    @Test("grip proxy --check shows what the bus would be, without secrets")
    func check() async throws {
        let arguments = ["proxy", "--check", "--route", "* test"]
        let outcome = try await GripCommand.run(
            arguments + ["--bus", "nats://user:s3cr3t@a.example,tls://b.example:4333", "--bus-prefix", "shop"]
        )
        #expect(outcome.status == 0)
        #expect(
            outcome.output.hasSuffix("bus: nats://a.example:4222, tls://b.example:4333, with the prefix shop\n"),
            "\(outcome.output)"
        )
        let variables = ["GRIP_BUS": "nats://c", "GRIP_BUS_TOKEN": "s3cr3t"]
        let other = try await GripCommand.run(arguments, environment: variables)
        #expect(other.output.hasSuffix("bus: nats://c:4222, with the prefix grip\n"), "\(other.output)")
        for output in [outcome.output, other.output] { #expect(!output.contains("s3cr3t")) }
    }

    @Test(
        "A bus that cannot be made is an error of the setting",
        arguments: [
            (["--bus", "redis://:s3cr3t@a"], [:], "command line: error: '--bus' names a server of Redis or Valkey"),
            ([], ["GRIP_BUS": "kafka://s3cr3t@a"], "environment: error: 'GRIP_BUS' has a URL of the scheme 'kafka'"),
            (
                ["--bus", "nats://a", "--bus-credentials", "/no/such/file"], [:],
                "command line: error: '--bus-credentials' names the file '/no/such/file', which cannot be read"
            ),
            (
                ["--bus", "nats://a", "--set", "busPassword=s3cr3t"], [:],
                "command line: error: 'busPassword' is set without a user"
            ),
        ] as [([String], [String: String], String)]
    )
    func wrong(arguments: [String], environment: [String: String], text: String) async throws {
        let outcome = try await GripCommand.run(["proxy", "--route", "* test"] + arguments, environment: environment)
        #expect(outcome.status == 78)
        #expect(outcome.output.contains(text), "\(outcome.output)")
        #expect(!outcome.output.contains("s3cr3t"))
    }

    @Test("Where something says that there are several instances, a proxy without a bus warns once")
    func instances() async throws {
        for (environment, isWarned) in [
            (["GRIP_INSTANCES": "2"], true), (["GRIP_INSTANCES": "1", "KUBERNETES_SERVICE_HOST": "10.0.0.1"], false),
            (["KUBERNETES_SERVICE_HOST": "10.0.0.1"], true),
        ] {
            try await withGripProxy(routes: ["* test"], environment: environment) { proxy in
                let count = proxy.process.output.matches(of: #/there is no bus, and/#).count
                #expect(count == (isWarned ? 1 : 0), "\(proxy.process.output)")
            }
        }
        let arguments = ["--bus", "nats://127.0.0.1:1"]
        try await withGripProxy(routes: ["* test"], arguments: arguments, environment: ["GRIP_INSTANCES": "2"]) {
            #expect(!$0.process.output.contains("there is no bus"))
        }
    }
}
