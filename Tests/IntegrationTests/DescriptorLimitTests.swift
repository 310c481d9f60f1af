import Foundation
import NIOCore
import TestSupport
import Testing

#if os(Linux)
/// `grip proxy` where the system lets it open few files.
@Suite("File descriptors", .timeLimit(.minutes(5))) struct DescriptorLimitTests {
    private static func withProxy(
        limit: String,
        _ body: (RunningProxy) async throws -> Void
    ) async throws {
        let command =
            "\(limit); exec \"$0\" proxy --route '* test' --http-port 127.0.0.1:0 --control-port 127.0.0.1:0"
        try await withChildProcess("/bin/sh", ["-c", command, GripCommand.path]) { process in
            try await process.waitForOutput(containing: "publishers at ")
            let ports = process.output.matches(of: #/at 127\.0\.0\.1:(\d+)/#).compactMap { Int($0.1) }
            try #require(ports.count == 2)
            try await body(RunningProxy(httpPort: ports[0], controlPort: ports[1], process: process))
        }
    }

    private static func metrics(_ running: RunningProxy) async throws -> String {
        try await withConnection(to: running.controlPort) { publisher in
            try await publisher.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return String(buffer: try await publisher.readToEnd())
        }
    }

    /// Opens connections that send nothing, and closes them afterwards.
    private static func withIdleClients(_ count: Int, port: Int, _ body: () async throws -> Void) async throws {
        guard count > 0 else { return try await body() }
        try await withConnection(to: port) { _ in
            try await Self.withIdleClients(count - 1, port: port, body)
        }
    }

    /// How long the process has computed, in hundredths of a second.
    private static func work(_ process: ChildProcess) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        return try #require(fields.count > 12 ? fields[11...12].compactMap { Int($0) }.reduce(0, +) : nil)
    }

    @Test("More clients than descriptors wait without work, publishers are answered, and it is said once")
    func exhausted() async throws {
        try await Self.withProxy(limit: "ulimit -n 64") { running in
            #expect(running.process.output.contains("'limits.connections' is 50000, but with a limit of 64 open files"))
            try await Self.withIdleClients(100, port: running.httpPort) {
                try await running.process.waitForOutput(containing: "No file descriptors are left for clients")
                let before = try Self.work(running.process)
                let start = ContinuousClock.now
                for _ in 0..<10 {
                    let text = try await Self.metrics(running)
                    #expect(text.contains("HTTP/1.1 200 OK"))
                    #expect(!text.contains("grip_proxy_accept_pauses_total 0"))
                    try await Task.sleep(for: .milliseconds(200))
                }
                // Two loops that spin take all of two processors: two hundred hundredths in a second.
                let elapsed = (ContinuousClock.now - start) / .seconds(1)
                #expect(Double(try Self.work(running.process) - before) < 50 * elapsed)
            }
            // When the others have gone there is room again.
            try await withConnection(to: running.httpPort) { client in
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.readUntil("\r\n").hasPrefix("HTTP/1.1 200"))
            }
            #expect(running.process.output.matches(of: #/No file descriptors/#).count == 1)
        }
    }

    @Test("An application with the proxy in it rests too, and serves those who waited")
    func embedded() async throws {
        let demo = URL(fileURLWithPath: GripCommand.path).deletingLastPathComponent().appendingPathComponent("demo")
        let environment = ["GRIP_URL": "", "HOST": "127.0.0.1", "PORT": "0"]
        try await withChildProcess(
            "/bin/sh",
            ["-c", "ulimit -n 64; exec \"$0\"", demo.path],
            environment: environment
        ) { process in
            try await process.waitForOutput(containing: "listening on 127.0.0.1:")
            let match = try #require(process.output.firstMatch(of: #/listening on 127\.0\.0\.1:(\d+)/#))
            let port = try #require(Int(match.1))
            // The listener is the application's, and known by its first connection.
            try await withConnection(to: port) { client in
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await client.readUntil("\r\n")
            }
            try await Self.withIdleClients(100, port: port) {
                try await process.waitForOutput(containing: "No file descriptors are left for clients")
                let before = try Self.work(process)
                try await Task.sleep(for: .seconds(2))
                #expect(try Self.work(process) - before < 100)
            }
            try await withConnection(to: port) { client in
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.readUntil("\r\n").hasPrefix("HTTP/1.1 200"))
            }
        }
    }

    @Test("The soft limit is raised to the hard one")
    func raised() async throws {
        try await Self.withProxy(limit: "ulimit -Sn 64; ulimit -Hn 512") { running in
            let text = try String(
                contentsOfFile: "/proc/\(running.process.processIdentifier)/limits",
                encoding: .utf8
            )
            #expect(text.contains(#/Max open files +512 +512/#))
        }
    }

    @Test("A second proxy on a live socket ends with 69 and leaves it alone")
    func socketInUse() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("clients.sock").path
            let arguments = [
                "proxy", "--route", "* test", "--control-port", "127.0.0.1:0", "--http-port", "unix:\(path)",
            ]
            try await withChildProcess(GripCommand.path, arguments) { process in
                try await process.waitForOutput(containing: "publishers at ")
                let outcome = try await GripCommand.run(arguments)
                #expect(outcome.status == 69)
                #expect(outcome.output.contains("unix:\(path): Address already in use; give another one"))
                #expect(FileManager.default.fileExists(atPath: path))
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }
}
#endif
