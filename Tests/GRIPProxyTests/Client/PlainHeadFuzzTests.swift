import GRIPEngine
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// What is read without a decoder is what the decoder reads: a difference would let a client say one thing to the proxy
/// and another to whoever reads with a decoder.
@Suite("Heads that are read without a decoder, against the decoder", .timeLimit(.minutes(5)))
struct PlainHeadFuzzTests {
    /// What a decoder makes of the first message of some bytes, or nothing when it refuses them.
    private static func decoded<Decoder: ByteToMessageDecoder>(
        _ decoder: Decoder,
        _ bytes: [UInt8]
    ) -> [Decoder.InboundOut] {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(decoder))
        var parts: [Decoder.InboundOut] = []
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            while let part = try channel.readInbound(as: Decoder.InboundOut.self) { parts.append(part) }
        } catch {
            // What it has read before the mistake counts.
            do { while let part = try channel.readInbound(as: Decoder.InboundOut.self) { parts.append(part) } } catch {}
        }
        return parts
    }

    /// Lines of a head as the decoder reads them, which leaves it to others to remove the blanks behind values.
    private static func pairs(_ headers: some Sequence<(name: String, value: String)>) -> [String] {
        headers.map { name, value in
            let blanks = value.utf8.reversed().prefix { $0 == UInt8(ascii: " ") }
            return "\(name): \(value.dropLast(blanks.count))"
        }
    }

    private static func pairs(_ fields: HTTPFields) -> [String] { fields.map { "\($0.name.rawName): \($0.value)" } }

    @Test("20,000 requests", arguments: [1] as [UInt64])
    func requests(seed: UInt64) {
        var hostile = HostileRequests(seed: seed)
        let names = FieldNameTable()
        var plainCount = 0
        for step in 0..<20_000 {
            let bytes = hostile.bytes()
            let buffer = ByteBuffer(bytes: bytes)
            guard let plain = PlainRequestHead(buffer, names: names, limit: 100_000, fieldLimit: 100) else { continue }
            plainCount += 1
            let context = "seed \(seed), step \(step): \(String(decoding: bytes.prefix(1000), as: UTF8.self))"
            let parts = Self.decoded(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes), bytes)
            guard case .head(let head) = parts.first else {
                Issue.record("\(context): the decoder refuses it")
                return
            }
            #expect(head.method == .GET && head.version == .http1_1 && head.isKeepAlive, "\(context)")
            #expect(head.uri == plain.path, "\(context)")
            let hosts = head.headers.filter { $0.name.lowercased() == "host" }
            #expect(Self.pairs(hosts.map { ("host", $0.value) }) == ["host: \(plain.authority)"], "\(context)")
            let others = head.headers.filter { $0.name.lowercased() != "host" }
            #expect(Self.pairs(others) == Self.pairs(plain.fields), "\(context)")
            guard parts.count > 1, case .end(nil) = parts[1] else {
                Issue.record("\(context): the decoder sees a body")
                return
            }
        }
        #expect(plainCount > 1000)
    }

    @Test("5,000 responses", arguments: [1] as [UInt64])
    func responses(seed: UInt64) {
        var hostile = HostileResponses(seed: seed)
        let names = FieldNameTable()
        var plainCount = 0
        for step in 0..<5000 {
            let bytes = Array(hostile.next().parts.joined())
            guard let plain = PlainResponseHead(ByteBuffer(bytes: bytes), names: names) else { continue }
            plainCount += 1
            let context = "seed \(seed), step \(step): \(String(decoding: bytes.prefix(1000), as: UTF8.self))"
            let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)
            decoder.write(data: .head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")))
            let parts = Self.decoded(decoder, bytes)
            guard case .head(let head) = parts.first else {
                Issue.record("\(context): the decoder refuses it")
                return
            }
            #expect(Int(head.status.code) == plain.head.status.code && head.isKeepAlive, "\(context)")
            #expect(Self.pairs(head.headers) == Self.pairs(plain.head.headerFields), "\(context)")
            let body = parts.reduce(0) { if case .body(let bytes) = $1 { $0 + bytes.readableBytes } else { $0 } }
            #expect(body == min(plain.bodyLength, bytes.count - plain.byteCount), "\(context)")
        }
        #expect(plainCount > 300)
    }
}
