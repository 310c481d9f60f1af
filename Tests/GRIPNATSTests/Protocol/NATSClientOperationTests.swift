import GRIP
import GRIPNATS
import NIOCore
import Testing

@Suite("Writing what a client says")
struct NATSClientOperationTests {
    private static func written(_ operation: NATSClientOperation) -> String {
        var buffer = ByteBuffer()
        buffer.writeNATS(operation)
        return String(buffer: buffer)
    }

    @Test func goldenVectors() throws {
        let payload = ByteBuffer(string: "Hello")
        #expect(Self.written(.ping) == "PING\r\n")
        #expect(Self.written(.pong) == "PONG\r\n")
        #expect(Self.written(.subscribe(17, "a.*")) == "SUB a.* 17\r\n")
        #expect(Self.written(.unsubscribe(.max)) == "UNSUB 18446744073709551615\r\n")
        #expect(
            Self.written(.publish("a.b", reply: nil, headers: nil, payload)) == "PUB a.b 5\r\nHello\r\n"
        )
        #expect(Self.written(.publish("a", reply: "r.1", headers: nil, ByteBuffer())) == "PUB a r.1 0\r\n\r\n")
        var headers = GRIPNATSHeaders()
        try headers.append("Bar", "Baz")
        #expect(
            Self.written(.publish("a", reply: "r", headers: headers.block, payload))
                == "HPUB a r 22 27\r\nNATS/1.0\r\nBar: Baz\r\n\r\nHello\r\n"
        )
    }

    /// What a server would send on of it.
    @Test func whatIsPublishedCanBeRead() throws {
        for byteCount in [0, 1, 9, 10, 99, 1000, 70_000] {
            var headers = GRIPNATSHeaders()
            for index in 0..<byteCount % 7 { try headers.append("Header-\(index)", "value \(index)") }
            let payload = ByteBuffer(repeating: 0x0A, count: byteCount)
            var buffer = ByteBuffer()
            buffer.writeNATS(.publish("subject", reply: "reply", headers: headers.block, payload))
            let text = String(buffer: buffer).replacing("PUB subject", with: "MSG subject 5", maxReplacements: 1)
            var reader = NATSOperationReader()
            reader.append(ByteBuffer(string: text))
            let message = try #require(try reader.next()?.message)
            #expect(message.payload == payload)
            #expect(message.subject == "subject")
            #expect(message.reply == "reply")
            #expect(try message.headers == headers)
            #expect(reader.isAtBoundary)
        }
    }

    @Test(arguments: [
        (NATSConnect.Authorization.none, ""),
        (.user("me", password: "a\"b\r\n"), "\"user\":\"me\",\"pass\":\"a\\\"b\\r\\n\","),
        (.token("t"), "\"auth_token\":\"t\","),
        (.key("UA", signature: "s"), "\"nkey\":\"UA\",\"sig\":\"s\","),
        (.jwt("a.b.c", signature: "s"), "\"jwt\":\"a.b.c\",\"sig\":\"s\","),
    ])
    func connecting(authorization: NATSConnect.Authorization, members: String) {
        let connect = NATSConnect(authorization: authorization, name: "shop", echoes: false, usesTLS: true)
        #expect(
            Self.written(.connect(connect))
                == "CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":true,\(members)\"name\":\"shop\","
                + "\"lang\":\"swift-grip\",\"version\":\"1\",\"protocol\":1,\"echo\":false,\"headers\":true,"
                + "\"no_responders\":true}\r\n"
        )
        #expect(!"\(connect)".contains("a.b.c") && !"\(connect)".contains("a\"b"))
    }
}
