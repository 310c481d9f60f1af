import GRIP
import GRIPEngine
import Logging
import Testing

@testable import GRIPProxy

@Suite("What the log says at the default level when something fails", .timeLimit(.minutes(5)))
struct FailureLogTests {
    @Test("A channel over the limit is named once for a connection, with the setting")
    func channelsOverTheLimit() async throws {
        let log = CapturedLog(level: .info)
        let channels = (1...30).map { "c\($0)" }.joined(separator: ", ")
        try await TestOrigin.with([("Grip-Hold", "response"), ("Grip-Channel", channels)], "x") { port in
            try await withProxy(log: log) {
                $0.routes = ["* 127.0.0.1:\(port)"]
                // A second look at the origin would be another hold.
                $0.delivery.updatesOnFirstSubscription = false
                $0.limits.subscriptionsPerConnection = 20
            } _: { proxy in
                try await proxy.client { client in
                    for number in 1...2 {
                        try await client.send("GET /poll HTTP/1.1\r\nHost: a\r\n\r\n")
                        try await proxy.wait("the hold") {
                            try await proxy.count { $0.counters.holdsBegun.responses } == number
                        }
                        try await proxy.publish(#""http-response":{"body":"y"}"#, to: "c1")
                        #expect(try await client.response()?.body == "y")
                    }
                }
            }
        }
        let lines = log.entries.filter { $0.message.contains("over the limit") }
        #expect(lines.count == 1)
        #expect(lines.first?.level == .warning)
        #expect(lines.first?.message.contains("'c21' and 9 more are") == true)
        #expect(lines.first?.message.contains("limits.subscriptionsPerConnection is 20") == true)
    }

    @Test("A WebSocket that subscribes to too many channels is told about once")
    func webSocketOverTheLimit() async throws {
        let log = CapturedLog(level: .info)
        let messages = (1...30).map { #"c:{"type":"subscribe","channel":"c\#($0)"}"# }
        try await withServer { connection in
            guard try await connection.requestHead() != nil else { return }
            try await connection.acceptWebSocket("Sec-WebSocket-Extensions: grip\r\n")
            for message in messages { try await connection.send(0x1, message, masked: false) }
            _ = try await connection.rest()
        } _: { port in
            try await withProxy(log: log) {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.subscriptionsPerConnection = 20
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    try await proxy.wait("the channels") {
                        try await proxy.count { $0.counters.channelsLeftOut } == 10
                    }
                }
            }
        }
        let lines = log.entries.filter { $0.message.contains("over the limit") }
        #expect(lines.map { $0.metadata["grip.channel"] } == ["c21"])
    }

    @Test("Channels over the limit are counted", arguments: [(20, 20, 0), (21, 20, 1), (200, 200, 0), (201, 200, 1)])
    func countOfChannels(_ count: Int, limit: Int, leftOut: Int) async throws {
        let channels = (1...count).map { "c\($0)" }.joined(separator: ", ")
        for hold in ["response", "stream"] {
            try await TestOrigin.with([("Grip-Hold", hold), ("Grip-Channel", channels)], "x") { port in
                try await withProxy {
                    $0.routes = ["* 127.0.0.1:\(port)"]
                    $0.limits.subscriptionsPerConnection = limit
                } _: { proxy in
                    try await proxy.client { client in
                        try await client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
                        try await proxy.wait("the hold") {
                            try await proxy.count { $0.counters.holdsBegun.total } == 1
                        }
                        #expect(try await proxy.metric("grip_proxy_channels_left_out_total") == leftOut)
                    }
                }
            }
        }
    }

    @Test("A next link that is refused says which and why")
    func refusedLink() async throws {
        let log = CapturedLog(level: .info)
        try await withServer { connection in
            while let head = try await connection.requestHead() {
                if head.hasPrefix("GET /first ") {
                    try await connection.respond("200 OK", ["Grip-Link: </private?token=hush>; rel=next"], "first\n")
                } else {
                    try await connection.respond("401 Unauthorized", [], "no")
                }
            }
        } _: { port in
            try await withProxy(log: log) {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = await log.entry(with: "a next link")
                }
            }
        }
        let line = log.entries.first { $0.message.contains("a next link") }
        #expect(line?.level == .warning)
        #expect(
            line?.message.contains("(route in line 1) to '/private' failed: it is answered with status 401") == true
        )
        #expect(!log.text.contains("hush"))
    }

    @Test("A WebSocket that ends because its origin fails is told about")
    func failedWebSocket() async throws {
        let log = CapturedLog(level: .warning)
        try await withServer { connection in
            var isFirst = true
            while try await connection.requestHead() != nil {
                if isFirst {
                    try await connection.respond("200 OK", ["Content-Type: application/websocket-events"], "OPEN\r\n")
                } else {
                    try await connection.respond("500 Internal Server Error", [], "a trap")
                }
                isFirst = false
            }
        } _: { port in
            try await withProxy(log: log) {
                $0.routes = ["* 127.0.0.1:\(port),over_http"]
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/socket?token=hush"))
                    try await client.send(0x1, "hello")
                    _ = try await client.rest()
                }
            }
        }
        let line = log.entries.first { $0.message.contains("a WebSocket (route in line 1) ended") }
        #expect(line?.metadata["url.path"] == "/socket")
        #expect(!log.text.contains("hush"))
    }

    @Test("Text of clients is cut, and equal lines are limited in rate with a count")
    func flood() async throws {
        let log = CapturedLog()
        let path = "/" + String(repeating: "p", count: 12_000)
        try await withProxy(log: log) {
            $0.routes = ["elsewhere 127.0.0.1:9"]
        } _: { proxy in
            // All at once: on a busy machine one after the other would take longer than the interval that counts.
            let codes = try await withThrowingTaskGroup(of: Int?.self) { requests in
                for _ in 0..<30 { requests.addTask { try await proxy.get(path)?.code } }
                return try await requests.reduce(into: []) { $0.append($1) }
            }
            #expect(codes == Array(repeating: 502, count: 30))
        }
        let lines = log.entries.filter { $0.message.contains("no route") }
        #expect(lines.count == 10)
        for line in lines { #expect(line.text.utf8.count < 700) }
        #expect(lines.last?.metadata["url.path"]?.hasSuffix("… (12001 bytes)") == true)
    }

    @Test("How many lines and how much text there are is configured, and what is cut is counted")
    func settings() async throws {
        let log = CapturedLog()
        let path = "/" + String(repeating: "p", count: 999)
        try await withProxy(log: log) {
            $0.routes = ["elsewhere 127.0.0.1:9"]
            $0.limits.logLines = 3
            $0.limits.logInterval = .seconds(3600)
            $0.limits.logText = 20
        } _: { proxy async throws in
            for _ in 0..<5 { #expect(try await proxy.get(path)?.code == 502) }
            #expect(try await proxy.metric("grip_proxy_log_texts_cut_total") == 3)
            #expect(try await proxy.metric("grip_proxy_log_lines_left_out_total") == 2)
        }
        let lines = log.entries.filter { $0.message.contains("no route") }
        #expect(lines.count == 3)
        for line in lines {
            #expect(line.metadata["url.path"] == "/\(String(repeating: "p", count: 19))… (1000 bytes)")
        }
    }

    @Test("Texts in the access log are cut as configured")
    func accessLog() async throws {
        let log = CapturedLog(level: .info)
        try await withProxy(log: log) {
            $0.routes = ["* test"]
            $0.accessLog.format = .text
            $0.limits.logText = 20
        } _: { proxy in
            _ = try await proxy.get("/" + String(repeating: "p", count: 999))
        }
        let lines = log.entries.filter { $0.metadata["grip.log"] == "access" }
        #expect(lines.count == 1)
        #expect(lines.first?.message.contains(" /ppppppppppppppppppp…_(1000_bytes) ") == true, "\(log.text)")
    }

    @Test("A publisher that is refused is in the log, with the reason")
    func refusedPublish() async throws {
        let log = CapturedLog(level: .info)
        try await withProxy(log: log) {
            $0.controlToken = "hush"
        } _: { proxy in
            try await proxy.publisher { publisher in
                try await publisher.send("POST /publish?x=y HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
                #expect(try await publisher.response()?.code == 401)
            }
            try await proxy.publisher { publisher in
                let fields = "Host: a\r\nAuthorization: Bearer hush\r\n"
                for _ in 0..<20 {
                    try await publisher.send("POST /publish HTTP/1.1\r\n\(fields)Content-Length: 2\r\n\r\n{}")
                    #expect(try await publisher.response()?.code == 400)
                }
            }
        }
        let lines = log.entries.filter { $0.message.hasPrefix("a request to the control API got ") }
        #expect(lines.count == 11)
        #expect(lines.first?.message == "a request to the control API got 401: Unauthorized")
        #expect(lines.first?.metadata["url.path"] == "/publish")
        #expect(lines.last?.message.hasSuffix("got 400: Invalid format: object does not contain 'items'") == true)
        #expect(!log.text.contains("hush"))
    }
}
