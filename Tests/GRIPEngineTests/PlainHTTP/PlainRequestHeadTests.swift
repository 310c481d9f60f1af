import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("Heads of clients' requests that are read without a decoder of HTTP")
struct PlainRequestHeadTests {
    private static func read(_ text: String, limit: Int = 10_000, fieldLimit: Int = 100) -> PlainRequestHead? {
        PlainRequestHead(ByteBuffer(string: text), names: FieldNameTable(), limit: limit, fieldLimit: fieldLimit)
    }

    @Test("They have the path, the host and all other fields as they were written")
    func plain() throws {
        let text = """
            GET /a/b%20c?d=e&f=@:!$'()*+,;~_ HTTP/1.1\r\nAccept: */*\r\nhOST: localhost:7999 \r\n\
            x-Twice:  a b \r\nX-Twice: c\r\nX-Empty:\r\nConnection: Keep-Alive\r\n\r\n
            """
        let plain = try #require(Self.read(text + "GET /"))
        #expect(plain.path == "/a/b%20c?d=e&f=@:!$'()*+,;~_")
        #expect(plain.authority == "localhost:7999")
        #expect(plain.fields.map(\.name.rawName) == ["Accept", "x-Twice", "X-Twice", "X-Empty", "Connection"])
        #expect(plain.fields.map(\.value) == ["*/*", "a b", "c", "", "Keep-Alive"])
        #expect(plain.byteCount == text.utf8.count)
    }

    @Test(
        "Whatever is written in any other way is left to a decoder",
        arguments: [
            "POST / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
            "get / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
            "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\" HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /é HTTP/1.1\r\nHost: a\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: a\tb\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: é\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX_Y: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\rX",
        ]
    )
    func other(text: String) { #expect(Self.read(text) == nil) }

    @Test("A head that is not all there, or exceeds what it may have, is none")
    func limits() {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n\r\n"
        for count in 0..<text.utf8.count {
            #expect(Self.read(String(decoding: text.utf8.prefix(count), as: UTF8.self)) == nil)
            #expect(Self.read(text, limit: count) == nil)
        }
        #expect(Self.read(text, limit: text.utf8.count) != nil)
        #expect(Self.read(text, fieldLimit: 3) != nil)
        #expect(Self.read(text, fieldLimit: 2) == nil)
    }
}
