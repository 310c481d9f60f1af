import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("Heads of origins' responses that are read without a decoder of HTTP")
struct PlainResponseHeadTests {
    private static func read(_ text: String) -> PlainResponseHead? {
        PlainResponseHead(ByteBuffer(string: text), names: FieldNameTable())
    }

    @Test("They have the status with the origin's own phrase, all fields, and the length of the body")
    func plain() throws {
        let text = """
            HTTP/1.1 404 Not here, sorry\r\nServer: a b/1\r\ncontent-length: 012\r\nSet-Cookie: a\r\n\
            Set-Cookie: b\r\nGrip-Hold: stream\r\nconnection: keep-alive\r\n\r\n
            """
        let plain = try #require(Self.read(text + "body"))
        #expect(plain.head.status.code == 404)
        #expect(plain.head.status.reasonPhrase == "Not here, sorry")
        #expect(plain.head.headerFields[values: .setCookie] == ["a", "b"])
        #expect(plain.head.headerFields.count == 6)
        #expect(plain.bodyLength == 12)
        #expect(plain.byteCount == text.utf8.count)
    }

    @Test("A phrase may be empty")
    func noPhrase() throws {
        let plain = try #require(Self.read("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"))
        #expect(plain.head.status.reasonPhrase == "")
        #expect(plain.bodyLength == 0)
    }

    @Test(
        "Whatever is written in any other way is left to a decoder",
        arguments: [
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 101 S\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 304 N\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nUpgrade: a\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
            "HTTP/1.1 200 Ök\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\u{0}\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
            "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ]
    )
    func other(text: String) { #expect(Self.read(text) == nil) }

    @Test("A head that is not all there, or longer than any plain one, is none")
    func limits() {
        let text = "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 10\r\n\r\n"
        for count in 0..<text.utf8.count {
            #expect(Self.read(String(decoding: text.utf8.prefix(count), as: UTF8.self)) == nil)
        }
        let long = String(repeating: "a", count: 20_000)
        #expect(Self.read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: \(long)\r\n\r\n") == nil)
    }

    @Test("Names that share a place in the table of names are told apart, also by the case of their letters")
    func names() throws {
        let names = FieldNameTable()
        for _ in 0..<2 {
            for name in (0..<500).map({ "X-\($0)" }) + ["etag", "ETag", "ETAG", String(repeating: "y", count: 65)] {
                let text = "HTTP/1.1 200 OK\r\n\(name): a\r\nContent-Length: 0\r\n\r\n"
                let plain = try #require(PlainResponseHead(ByteBuffer(string: text), names: names))
                #expect(plain.head.headerFields.first?.name.rawName == name)
                #expect(plain.head.headerFields.first?.name.canonicalName == name.lowercased())
            }
        }
    }
}
