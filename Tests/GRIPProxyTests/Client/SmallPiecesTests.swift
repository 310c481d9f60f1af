import Foundation
import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import NIOEmbedded
import Testing

@testable import GRIPProxy

/// What comes at once is passed on at once, in however many pieces it came.
@Suite("Small pieces", .timeLimit(.minutes(5)))
struct SmallPiecesTests {
    private static let count = 300
    private static let chunks = String(repeating: "1\r\nx\r\n", count: count)

    /// How many chunks a body has.
    private static func chunkCount(_ body: String) -> Int {
        body.split(separator: "\r\n").filter { $0 != "0" && Int($0, radix: 16) != nil }.count
    }

    @Test("Chunks of one byte reach the origin in few chunks")
    func request() async throws {
        try await ScriptedOrigin.with { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            let body = try await connection.text(upTo: "0\r\n\r\n") ?? ""
            let content = body.filter { $0 == "x" }.count
            let text = "\(content) in \(Self.chunkCount(body))"
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(Self.chunks)0\r\n\r\n"
                    )
                    let parts = try #require(try await client.response()?.body.components(separatedBy: " in "))
                    #expect(parts.first == "\(Self.count)")
                    // As many as there were reads, which begin with 512 bytes.
                    let pieces = try #require(parts.last.flatMap { Int($0) })
                    #expect(pieces <= 10, "\(pieces)")
                }
            }
        }
    }

    @Test("Chunks of one byte of an origin reach the client in few chunks")
    func response() async throws {
        try await ScriptedOrigin.with { connection in
            _ = try await connection.text(upTo: "\r\n\r\n")
            try await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(Self.chunks)0\r\n\r\n")
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = try await client.text(upTo: "\r\n\r\n")
                    let body = try await client.text(upTo: "0\r\n\r\n") ?? ""
                    #expect(body.filter { $0 == "x" }.count == Self.count)
                    #expect(Self.chunkCount(body) <= 10)
                }
            }
        }
    }

    @Test("Who sends very many small pieces is read in small parts, and who sends much is not")
    func budget() async throws {
        try await withProxy {
            $0.routes = ["* test"]
            $0.limits.rememberedBody = 10_000_000
        } _: { proxy in
            let limited = "grip_proxy_reads_limited_total"
            try await proxy.client { client in
                let body = String(repeating: "x", count: 1_000_000)
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n\(body)")
                #expect(try await client.response()?.code != nil)
                #expect(try await proxy.metric(limited) == 0)
                let chunks = String(repeating: Self.chunks, count: 50)
                try await client.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n"
                )
                #expect(try await client.response()?.code != nil)
                #expect(try await proxy.metric(limited) > 0)
            }
        }
    }

    @Test("Small frames are written together, large ones by themselves, and all in order")
    func output() throws {
        var output = SocketOutput()
        for index in 0..<200 {
            let hasRoom = output.add(byteCount: 7) { bytes in bytes.writeString("frame\(index % 10)\n") }
            #expect(hasRoom)
        }
        #expect(output.byteCount == 1400)
        let joined = output.takeForChannel()
        let (first, others) = try #require(joined)
        #expect(others.isEmpty)
        #expect(String(buffer: first) == (0..<200).map { "frame\($0 % 10)\n" }.joined())
        #expect(output.byteCount == 0)
        let shared = ByteBuffer(string: "shared")
        _ = output.add(byteCount: 1) { $0.writeString("a") }
        _ = output.add(shared)
        _ = output.add(byteCount: 1) { $0.writeString("b") }
        _ = output.add(byteCount: 5000) { $0.writeString(String(repeating: "c", count: 5000)) }
        _ = output.add(byteCount: 1) { $0.writeString("d") }
        let all = output.takeForChannel()
        let mixed = try #require(all)
        #expect(mixed.others.count == 4)
        #expect(String(buffer: shared) == "shared")
        let text = ([mixed.first] + mixed.others).map { String(buffer: $0) }.joined()
        #expect(text == "asharedb" + String(repeating: "c", count: 5000) + "d")
    }

    @Test("Frames for an origin that came at once are one write", arguments: [1, 100])
    func frames(count: Int) throws {
        let loop = EmbeddedEventLoop()
        let core = try ProxyCore(routes: "* test", loop: loop)
        _ = try EmbeddedClient(core, loop: loop)
        let proxyLoop = try #require(core.loops.first?.value)
        let receiver = SilentReceiver()
        let request = OriginRequest(
            to: .server(OriginServer(host: "a", port: 1)),
            method: .get,
            authority: "a",
            path: "/",
            fields: PassedFields(),
            bodyLength: .none
        )
        let origin = OriginWebSocket(request, loop: proxyLoop, receiver: receiver)
        _ = origin.handshake()
        origin.receiveHead(.init(status: .switchingProtocols))
        #expect(origin.receiveEnd())
        let handler = OriginWebSocketHandler(origin, usesTLS: true)
        let channel = EmbeddedChannel(handler: handler, loop: loop)
        origin.send(0x1, isFinal: true, ByteBuffer(string: "early"))
        origin.becameWritable(handler)
        let early = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(try Self.texts(early) == ["early"])
        origin.beginGathering()
        for index in 0..<count { origin.send(0x1, isFinal: true, ByteBuffer(string: "message \(index)")) }
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        origin.endGathering()
        let bytes = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        #expect(try Self.texts(bytes) == (0..<count).map { "message \($0)" })
        // What is said at another time waits for nothing.
        origin.send(0x2, isFinal: true, ByteBuffer(repeating: 7, count: 70_000))
        let large = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(try Self.texts(large) == [String(repeating: "\u{7}", count: 70_000)])
    }

    /// The payloads of masked frames.
    private static func texts(_ bytes: ByteBuffer) throws -> [String] {
        var bytes = bytes
        var texts: [String] = []
        while bytes.readableBytes > 0 {
            let start = bytes.readBytes(length: 2)
            let first = try #require(start)[1]
            #expect(first & 0x80 != 0)
            let count =
                switch first & 0x7F {
                case 126: bytes.readInteger(as: UInt16.self).map { Int($0) } ?? 0
                case 127: bytes.readInteger(as: UInt64.self).map { Int($0) } ?? 0
                case let short: Int(short)
                }
            let parts = (bytes.readBytes(length: 4), bytes.readBytes(length: count))
            let (key, payload) = (try #require(parts.0), try #require(parts.1))
            texts.append(String(decoding: payload.enumerated().map { $1 ^ key[$0 % 4] }, as: UTF8.self))
        }
        return texts
    }
}

private final class SilentReceiver: OriginWebSocketReceiver {
    func originAccepted(_ fields: HTTPFields) {}
    func originRejected(_ head: HTTPResponse, _ body: ByteBuffer) {}
    func originFrame(opcode: UInt8, isFinal: Bool, reservedBits: UInt8, isMasked: Bool, payload: ByteBuffer) {}
    func originViolated(_ close: WebSocketClose) {}
    func originWritabilityChanged(_ isWritable: Bool) {}
    func originLost(_ failure: OriginFailure) {}
}
