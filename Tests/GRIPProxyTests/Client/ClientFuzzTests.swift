import GRIP
import GRIPProxy
import Testing

/// Bytes that no client sends on purpose.
@Suite("Hostile bytes from clients", .timeLimit(.minutes(10)))
struct ClientFuzzTests {
    private static let channel = "Grip-Channel: fuzz\r\n"

    private static func response(_ fields: String, _ body: String) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    }

    /// An origin that answers, holds and accepts WebSockets of both kinds.
    private static func answer(_ request: FuzzOrigin.Request) -> FuzzOrigin.Answer {
        if request.target.hasPrefix("/native"), request.head.values("upgrade") == ["websocket"] {
            let head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            return FuzzOrigin.Answer(parts: [Array(head.utf8)], ending: .echo)
        }
        if request.head.values("content-type") == ["application/websocket-events"] { return Self.events(request.body) }
        var bytes =
            switch request.target.prefix(while: { $0 != "?" }) {
            case "/plain": Self.response("", "hello")
            case "/chunked": Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".utf8)
            case "/response": Self.response("Grip-Hold: response\r\nGrip-Timeout: 20\r\n" + Self.channel, "nothing\n")
            case "/stream": Self.response("Grip-Hold: stream\r\n" + Self.channel, "opened\n")
            default: Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8)
            }
        if request.method == "HEAD", let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
            bytes.removeSubrange(end.upperBound...)
        }
        return FuzzOrigin.Answer(parts: [bytes])
    }

    /// Sends messages back, and subscribes who begins.
    private static func events(_ body: [UInt8]) -> FuzzOrigin.Answer {
        let text = String(decoding: body, as: UTF8.self)
        let type = "Content-Type: application/websocket-events\r\n"
        let subscribe = "c:{\"type\":\"subscribe\",\"channel\":\"fuzz\"}"
        let answer =
            if text.hasPrefix("OPEN") {
                Self.response(
                    type + "Sec-WebSocket-Extensions: grip\r\n",
                    "OPEN\r\nTEXT \(String(subscribe.utf8.count, radix: 16))\r\n\(subscribe)\r\n"
                )
            } else if text.hasPrefix("DISCONNECT") {
                Self.response(type, "")
            } else {
                Array("HTTP/1.1 200 OK\r\n\(type)Content-Length: \(body.count)\r\n\r\n".utf8) + body
            }
        return FuzzOrigin.Answer(parts: [answer])
    }

    private static func items() throws -> [GRIPPublication] {
        let item = try GRIPItem(
            [.httpResponse("answer\n"), .httpStream("item\n"), .webSocketMessage("item")]
        )
        return [GRIPPublication(item, to: "fuzz")]
    }

    @Test("10,000 clients get answers or are closed, and the next one is served", arguments: [1] as [UInt64])
    func inputs(seed: UInt64) async throws {
        let items = try Self.items()
        try await FuzzRun.with(FuzzOrigin(wantsSignatures: true, Self.answer), seed: seed) { port in
            [
                "*,path_beg=/test test", "*,path_beg=/ws 127.0.0.1:\(port),over_http", "* 127.0.0.1:\(port)",
            ]
        } _: { run in
            var statuses: [Int: Int] = [:]
            var frameCount = 0
            for first in stride(from: 0, to: 10_000, by: 200) {
                let scripts = (first..<(first + 200)).map { index in
                    var requests = HostileRequests(seed: seed &* 1_000_000 &+ UInt64(index))
                    return requests.next()
                }
                let transcripts = try await run.run(scripts, from: first) { try await run.proxy.server.publish(items) }
                for transcript in transcripts {
                    for status in transcript?.statuses ?? [] { statuses[status, default: 0] += 1 }
                    frameCount += transcript?.frameCount ?? 0
                }
            }
            try await run.checkEnd()
            // What is sent is hostile, but not so that nothing comes of it.
            #expect(statuses[200, default: 0] > 800 && statuses[400, default: 0] > 1000)
            #expect(statuses[101, default: 0] > 700 && frameCount > 800, "\(statuses) \(frameCount)")
        }
    }
}
