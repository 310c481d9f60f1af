import GRIP
import Logging
import Testing

@testable import GRIPProxy

@Suite("The access log", .timeLimit(.minutes(5)))
struct AccessLogTests {
    private static func lines(_ log: CapturedLog) throws -> [JSONValue] {
        try log.entries.filter { $0.metadata["grip.log"] == "access" }.map { try JSONValue(parsing: $0.message) }
    }

    @Test("It is off unless it is configured")
    func off() async throws {
        let log = CapturedLog()
        try await TestOrigin.with([], "hello") { port in
            try await withProxy(log: log) {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                let code = try await proxy.get("/x")?.code
                #expect(code == 200)
            }
        }
        #expect(try Self.lines(log).isEmpty)
    }

    @Test("A request, one without a route, and one that is not valid")
    func requests() async throws {
        let log = CapturedLog(level: .info)
        try await TestOrigin.with([], "hello") { port in
            try await withProxy(log: log) {
                $0.accessLog.format = .json
                $0.routes = ["a,id=own 127.0.0.1:\(port)"]
            } _: { proxy in
                _ = try await proxy.get("/x?token=hush", "Authorization: hush\r\n")
                try await proxy.client { client in
                    try await client.send("GET /y HTTP/1.1\r\nHost: b\r\n\r\n")
                    _ = try await client.response()
                }
                try await proxy.client { client in
                    try await client.send("not HTTP\r\n\r\n")
                    _ = try await client.response()
                }
            }
        }
        let lines = try Self.lines(log)
        #expect(lines.map { $0["end"]?.string } == ["complete", "refused", "refused"])
        #expect(lines.map { $0["status"] } == [.integer(200), .integer(502), .integer(400)])
        #expect(lines.map { $0["path"]?.string } == ["/x", "/y", nil])
        #expect(lines.first?["bytes"] == .integer(5))
        #expect(lines.first?["route"]?.string == "1:own")
        #expect(lines.first?["target"]?.string?.hasPrefix("127.0.0.1:") == true)
        #expect(lines.first?["hold"] == .null)
        #expect(!log.text.contains("hush"))
    }

    @Test("Holds are told about when they end, with what they were sent and why they ended")
    func holds() async throws {
        let log = CapturedLog(level: .info)
        try await TestOrigin.with([("Grip-Hold", "stream"), ("Grip-Channel", "a")], "[open]\n") { port in
            try await withProxy(log: log) {
                $0.accessLog.format = .json
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /gone HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = try await client.text(upTo: "[open]\n")
                    try await proxy.publish(text: "12345678")
                    _ = try await client.text(upTo: "12345678")
                }
                _ = await log.entry(with: #""end":"client-gone""#)
                try await proxy.client { client in
                    try await client.send("GET /closed HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = try await client.text(upTo: "[open]\n")
                    try await proxy.publish(#""http-stream":{"action":"close"}"#)
                    _ = try await client.text(upTo: "0\r\n\r\n")
                }
            }
        }
        let lines = try Self.lines(log)
        #expect(lines.map { $0["end"]?.string } == ["client-gone", "complete"])
        #expect(lines.map { $0["hold"]?.string } == ["stream", "stream"])
        #expect(lines.map { $0["bytes"] } == [.integer(15), .integer(7)])
    }

    @Test("WebSockets are told about with the reason of their end")
    func webSockets() async throws {
        let log = CapturedLog(level: .info)
        try await withServer { connection in
            var isFirst = true
            while try await connection.requestHead() != nil {
                let fields = ["Content-Type: application/websocket-events"]
                if isFirst {
                    try await connection.respond("200 OK", fields, "OPEN\r\nTEXT 5\r\nhello\r\n")
                } else {
                    try await connection.respond("500 Internal Server Error", [], "a trap")
                }
                isFirst = false
            }
        } _: { port in
            try await withProxy(log: log) {
                $0.accessLog.format = .json
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/socket?token=hush"))
                    #expect(try await client.frame()?.text == "hello")
                    try await client.send(0x1, "x")
                    _ = try await client.rest()
                }
                _ = await log.entry(with: #""protocol":"ws""#)
            }
        }
        let line = try Self.lines(log).first
        #expect(line?["end"]?.string == "origin-failed")
        #expect(line?["status"] == .integer(101))
        #expect(line?["hold"]?.string == "ws")
        #expect(line?["path"]?.string == "/socket")
        #expect(!log.text.contains("hush"))
    }
}
