import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("Heads of requests to the control API that are read without a decoder of HTTP")
struct PlainControlHeadTests {
    private static func read(_ text: String, limit: Int = 10_000) -> PlainControlHead? {
        PlainControlHead(ByteBuffer(string: text), limit: limit)
    }

    @Test("They have what the control API looks at, and nothing else")
    func plain() throws {
        let text = """
            POST /publish/?a=b HTTP/1.1\r\nHost: localhost:5561\r\nuser-agent: x y/1.0 (z)\r\nACCEPT: */*\r\n\
            Accept:application/json;q=0.5  \r\nContent-Type: application/json\r\nConnection: Keep-Alive\r\n\
            Authorization: Bearer  a.b\r\nprefer: return=representation\r\nX-Empty:\r\ncontent-length: 012\r\n\r\n
            """
        let plain = try #require(Self.read(text + "{\"items\":[]}POST /"))
        #expect(plain.head.method == .post)
        #expect(plain.head.target == "/publish/?a=b")
        #expect(plain.head.accept == ["*/*", "application/json;q=0.5"])
        #expect(plain.head.authorization == ["Bearer  a.b"])
        #expect(plain.head.prefer == ["return=representation"])
        #expect(plain.head.length == .bytes(12))
        #expect(!plain.head.expectsContinue)
        #expect(plain.bodyLength == 12)
        #expect(plain.byteCount == text.utf8.count)
        #expect(plain.head.keepsConnection)
    }

    @Test("Where a request begins in the middle of what has come, it ends where it ends")
    func offset() throws {
        var bytes = ByteBuffer(string: "xxxPOST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        bytes.moveReaderIndex(to: 3)
        let plain = try #require(PlainControlHead(bytes, limit: 100))
        #expect(plain.byteCount == bytes.readableBytes)
        #expect(plain.bodyLength == 0)
    }

    @Test(
        "Whatever is written in any other way is left to a decoder",
        arguments: [
            "GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\n",
            "post / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "POST  / HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
            "POST http://a/ HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "POST / HTTP/1.1\nContent-Length: 1\n\n",
            "POST /\u{7F} HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "POST /é HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1234567890\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length : 1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1\r\n folded\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nUpgrade: a\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nConnection: keep-alive, TE\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nX: a\tb\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nX: é\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nX: a\rb\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nX\r\nContent-Length: 1\r\n\r\n", "POST / HTTP/1.1\r\n: a\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nX_Y: a\r\nContent-Length: 1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1\r\n\rX",
        ]
    )
    func other(text: String) { #expect(Self.read(text) == nil) }

    @Test("A head that is not all there, or longer than it may be, is none")
    func incomplete() {
        let text = "POST /publish/ HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
        for count in 0..<text.utf8.count {
            #expect(PlainControlHead(ByteBuffer(bytes: text.utf8.prefix(count)), limit: 1000) == nil)
            #expect(Self.read(text, limit: count) == nil)
        }
        #expect(Self.read(text, limit: text.utf8.count) != nil)
    }
}
