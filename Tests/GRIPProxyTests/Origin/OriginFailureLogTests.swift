import Logging
import NIOCore
import NIOPosix
import Testing

@testable import GRIPProxy

@Suite("What the log says about origins that fail", .timeLimit(.minutes(5)))
struct OriginFailureLogTests {
    /// The lines about what happens when something is asked of an origin.
    private static func log(
        _ target: String,
        _ fields: String = "",
        count: Int = 1
    ) async throws -> CapturedLog {
        let log = CapturedLog(level: .info)
        try await withProxy(log: log) {
            $0.routes = ["* \(target)"]
            $0.timeouts.originConnect = .seconds(5)
        } _: { proxy in
            for _ in 0..<count { _ = try await proxy.get("/x", fields) }
        }
        return log
    }

    @Test(
        "One that refuses connections is seen at warning, in words, however it is asked",
        arguments: ["", ",over_http"]
    )
    func refused(option: String) async throws {
        for fields in ["", OriginHandshake.fields] {
            let log = try await Self.log("127.0.0.1:1\(option)", fields, count: 5)
            let lines = log.entries.filter { $0.message.contains("an origin cannot be reached") }
            #expect(lines.count == 1)
            // Nothing else says it too.
            #expect(log.entries.count { $0.text.contains("127.0.0.1:1") } == 1, "\(log.text)")
            #expect(!log.text.contains("errno") && !log.text.contains("SingleConnectionFailure"))
        }
    }

    @Test("A host that nobody knows is named")
    func unknownHost() async throws {
        let log = try await Self.log("nowhere.invalid:80")
        #expect(log.text.contains("cannot resolve 'nowhere.invalid'"))
    }

    @Test("An origin that does not speak TLS, or not HTTP, is told in words", arguments: [",ssl", ""])
    func notHTTP(option: String) async throws {
        try await withServer { connection in
            try await connection.send("220 mail.example ESMTP ready\r\n")
            _ = try await connection.rest()
        } _: { port in
            for fields in ["", OriginHandshake.fields] {
                let log = try await Self.log("127.0.0.1:\(port)\(option)", fields)
                if option.isEmpty {
                    if fields.isEmpty { #expect(log.text.contains("not valid HTTP: "), "\(log.text)") }
                    #expect(!log.text.contains("http_parser"))
                } else {
                    #expect(log.text.contains("127.0.0.1:\(port): TLS failed: "), "\(log.text)")
                    #expect(!log.text.contains("OPENSSL") && !log.text.contains("NIOSSL"))
                }
            }
        }
    }

    @Test("That it can be reached again is said once, with how often it could not")
    func recovery() async throws {
        let log = CapturedLog(level: .info)
        try await withOwnGroup { group in
            // A port that is free now, and taken later.
            let first = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
            let port = first.localAddress?.port ?? 0
            try await first.close()
            try await withProxy(log: log) {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    for _ in 0..<3 {
                        try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try await client.response()?.code == 502)
                    }
                    let second = try await ServerBootstrap(group: group)
                        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                        .bind(host: "127.0.0.1", port: port).get()
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = await log.entry(with: "can be reached again, after 3 failed attempts")
                    try await second.close()
                }
            }
        }
        #expect(log.entries.filter { $0.message.contains("again") }.count == 1)
    }
}
