import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import GRIPProxy

/// Requests of publishers that pass by the decoder of HTTP, and others after them.
@Suite("Plain requests to the control API", .timeLimit(.minutes(5)))
struct PlainControlRequestTests {
    /// What a decoder of HTTP makes of a head and a body.
    ///
    /// - Returns: The head, and whether the request is over.
    private static func decoded(_ bytes: [UInt8]) throws -> (head: HTTPRequestHead, isEnded: Bool)? {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        guard case .head(let head) = try channel.readInbound(as: HTTPServerRequestPart.self) else { return nil }
        var last: HTTPServerRequestPart?
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) { last = part }
        guard case .end = last else { return (head, false) }
        return (head, true)
    }

    @Test(
        "What is read as plain is read by a decoder of HTTP too, and means the same",
        arguments: 0..<4 as Range<UInt64>
    )
    func agreement(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let pieces = [
            "POST ", "/publish/", " HTTP/1.1\r\n", "Host: a\r\n", "Content-Length: 5\r\n", "Accept: */*\r\n", "\r\n",
            "Connection: keep-alive\r\n", "Transfer-Encoding: chunked\r\n", "Authorization: Bearer a\r\n", "X:\r\n",
            "Content-Length: 5 \r\n", " ", "\t", "\n", "\r", ":", ",", "5", "\u{0}", "é", "Expect: 100-continue\r\n",
        ]
        let whole = Array("POST /publish/ HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nContent-Length: 5\r\n\r\n".utf8)
        var plainCount = 0
        for _ in 0..<5000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.remove(at: index)
                case 1: bytes[index] = .random(in: 0...255, using: &random)
                default: bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: index)
                }
            }
            guard let plain = PlainControlHead(ByteBuffer(bytes: bytes), limit: 10_000) else { continue }
            plainCount += 1
            let text = String(decoding: bytes, as: UTF8.self)
            let body = [UInt8](repeating: 0x20, count: min(plain.bodyLength, 1000))
            let (head, isEnded) = try #require(
                try Self.decoded(bytes.prefix(plain.byteCount) + body),
                "\(text.debugDescription)"
            )
            #expect(isEnded == (body.count == plain.bodyLength), "\(text.debugDescription)")
            #expect(head.method == .POST && head.version == .http1_1 && !head.endsDecoding)
            let decoded = try #require(ControlHead(head))
            #expect(decoded == plain.head, "\(text.debugDescription)")
        }
        #expect(plainCount > 500)
    }

    @Test("Plain requests and others follow one another on a connection, in whatever pieces they come")
    func mixed() async throws {
        let body = #"{"items":[]}"#
        let plain = "POST /publish HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let other = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        let all = Array((plain + plain + other + plain + last).utf8)
        try await withProxy { proxy in
            for size in [1, 7, 50, 95, all.count] {
                try await proxy.publisher { connection in
                    for start in stride(from: 0, to: all.count, by: size) {
                        try await connection.send(Array(all[start..<min(start + size, all.count)]))
                    }
                    var bodies: [String] = []
                    while let response = try await connection.response() {
                        #expect(response.code == 200)
                        bodies.append(response.body)
                    }
                    #expect(
                        bodies == ["Published\n", "Published\n", "GRIP API\n", "Published\n", "GRIP API\n"],
                        "\(size)"
                    )
                }
            }
        }
    }
}

extension ControlHead {
    /// The head of a request as NIO's decoder reads it.
    fileprivate init?(_ head: HTTPRequestHead) {
        guard let method = HTTPRequest.Method(head.method.rawValue) else { return nil }
        var fields = HTTPFields()
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { return nil }
            fields.append(HTTPField(name: name, value: value))
        }
        self.init(method: method, target: head.uri, fields: fields, isHTTP10: head.version.minor < 1)
    }
}

extension HTTPRequestHead {
    /// Whether NIO's decoder takes what follows for another protocol.
    fileprivate var endsDecoding: Bool {
        self.method == .CONNECT || (self.headers.contains(name: "upgrade") && self.headers.contains(name: "connection"))
    }
}
