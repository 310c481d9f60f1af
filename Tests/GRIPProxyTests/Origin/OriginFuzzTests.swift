import GRIP
import GRIPProxy
import Testing

/// Answers that no origin sends on purpose.
@Suite("Hostile answers of origins", .timeLimit(.minutes(10)))
struct OriginFuzzTests {
    /// The answer to a request for a path with a number, which is the same for all requests with that number.
    @Sendable private static func answer(seed: UInt64, _ request: FuzzOrigin.Request) -> FuzzOrigin.Answer {
        let path = request.target.prefix { $0 != "?" }.split(separator: "/")
        guard path.count == 2, let index = UInt64(path[1]) else {
            let bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".utf8)
            return FuzzOrigin.Answer(parts: [bytes])
        }
        return Self.answer(seed: seed, kind: path[0], index)
    }

    private static func answer(seed: UInt64, kind: some StringProtocol, _ index: UInt64) -> FuzzOrigin.Answer {
        var responses = HostileResponses(seed: seed &* 1_000_000 &+ index)
        return switch kind {
        case "ws": responses.nextEvents()
        case "native": responses.nextWebSocket()
        default: responses.next()
        }
    }

    private static let kinds = ["n", "n", "n", "ws", "native"]

    /// The client of a path, which asks as it should.
    private static func script(_ index: Int, using generator: inout SplitMix64) -> ClientScript {
        let kind = Self.kinds[index % Self.kinds.count]
        guard kind == "n" else { return Self.webSocket("/\(kind)/\(index)", using: &generator) }
        let request: String
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: request = "HEAD /n/\(index) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        case 1: request = "GET /n/\(index) HTTP/1.0\r\n\r\n"
        case 2, 3:
            request = "POST /n/\(index) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
        case 4: request = "GET /n/\(index)?callback=cb HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        default: request = "GET /n/\(index) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        }
        return ClientScript(steps: [.send(Array(request.utf8)), .stay, .finish])
    }

    private static func webSocket(_ path: String, using generator: inout SplitMix64) -> ClientScript {
        let handshake = """
            GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """
        var frames = FuzzFrame.bytes(0x81, Array("hello".utf8), mask: [1, 2, 3, 4])
        if Bool.random(using: &generator) { frames += FuzzFrame.bytes(0x88, [3, 232], mask: [1, 2, 3, 4]) }
        return ClientScript(steps: [.send(Array(handshake.utf8)), .receive, .send(frames), .stay, .finish])
    }

    private static func items(_ count: Int) throws -> [GRIPPublication] {
        try (0..<count).map { number in
            let formats: [GRIPFormat] = [.httpResponse("answer\n"), .httpStream("item\n"), .webSocketMessage("item")]
            let item = try GRIPItem(formats, id: "\(number)", meta: ["user": "a"], skipsSequencing: true)
            return GRIPPublication(item, to: GRIPChannel("fuzz"))
        }
    }

    @Test(
        "Clients get 10,000 of them as HTTP or are closed, and the next one is served",
        arguments: [1] as [UInt64]
    )
    func answers(seed: UInt64) async throws {
        var statuses: [Int: Int] = [:]
        var generator = SplitMix64(seed: seed)
        let origin = FuzzOrigin(wantsSignatures: true) { Self.answer(seed: seed, $0) }
        try await FuzzRun.with(origin, seed: seed) { port in
            ["*,path_beg=/ws 127.0.0.1:\(port),over_http", "* 127.0.0.1:\(port)"]
        } _: { run in
            var run = run
            run.explanation = { index in
                let answer = Self.answer(seed: seed, kind: Self.kinds[index % Self.kinds.count], UInt64(index))
                return "The origin's answer, then \(answer.ending): \(answer.parts.map(\.escaped))"
            }
            let scope = run
            for first in stride(from: 0, to: 10_000, by: 200) {
                let scripts = (first..<(first + 200)).map { Self.script($0, using: &generator) }
                let items = try Self.items(first == 0 ? 1 : 2)
                let transcripts = try await scope.run(scripts, from: first) {
                    try await scope.waitUntilOthersEnd(of: first + scripts.count)
                    try await scope.proxy.server.publish(items)
                }
                for transcript in transcripts {
                    for status in transcript?.statuses ?? [] { statuses[status, default: 0] += 1 }
                }
            }
            try await scope.checkEnd()
        }
        // The answers are hostile, but not so that nothing comes of them.
        #expect(statuses[200, default: 0] > 1000 && statuses[502, default: 0] > 1000, "\(statuses)")
        #expect(statuses[101, default: 0] > 500, "\(statuses)")
    }
}
