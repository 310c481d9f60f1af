import Foundation
import NIOPosix
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// `grip proxy` whose output nobody reads.
@Suite("Output that nobody reads", .timeLimit(.minutes(5))) struct UnreadOutputTests {
    /// Reads until the proxy tells where it listens.
    ///
    /// It waits, so that it runs on a thread that runs no tasks.
    private static func ports(readFrom output: FileHandle) throws -> (clients: Substring, publishers: Substring) {
        var text = ""
        while true {
            if let match = text.firstMatch(of: #/clients at 127\.0\.0\.1:(\d+), publishers at 127\.0\.0\.1:(\d+)\n/#) {
                return (match.1, match.2)
            }
            let data = output.availableData
            try #require(!data.isEmpty, "\(text)")
            text += String(decoding: data, as: UTF8.self)
        }
    }

    @Test(
        "The proxy goes on, its control API answers, and it ends when it is told to",
        arguments: [(1_000_000, false), (5000, true)]
    )
    func unread(queue: Int, drops: Bool) async throws {
        let pipe = Pipe()
        let identifier = try Spawn.start(
            GripCommand.path,
            [
                "proxy", "--route", "elsewhere 127.0.0.1:9", "--http-port", "127.0.0.1:0", "--control-port",
                "127.0.0.1:0", "--access-log", "json", "--log-level", "trace", "--set",
                "limits.logQueue=\(queue)",
            ],
            environment: ProcessInfo.processInfo.environment,
            directory: nil,
            input: nil,
            output: pipe.fileHandleForWriting
        )
        let exit = Exit()
        Thread.detachNewThread { exit.record(Spawn.wait(for: identifier)) }
        defer { if exit.status == nil { kill(identifier, SIGKILL) } }
        try pipe.fileHandleForWriting.close()
        let ports = try await NIOThreadPool.singleton.runIfActive {
            try Self.ports(readFrom: pipe.fileHandleForReading)
        }
        // More than a pipe holds, from now on unread.
        let path = String(repeating: "p", count: 10_000)
        let url = try #require(URL(string: "http://127.0.0.1:\(ports.clients)/\(path)"))
        for _ in 0..<400 {
            let (_, response) = try await URLSession.shared.data(from: url)
            #expect((response as? HTTPURLResponse)?.statusCode == 502)
        }
        let metrics = try #require(URL(string: "http://127.0.0.1:\(ports.publishers)/metrics"))
        let (data, _) = try await URLSession.shared.data(from: metrics)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("grip_proxy_log_lines_left_out_total 3"))
        #expect(text.contains("grip_proxy_log_lines_dropped_total 0\n") != drops)
        kill(identifier, SIGTERM)
        #expect(try await exit.wait(within: .seconds(60)) == 0)
        try pipe.fileHandleForReading.close()
    }
}
