import NIOCore
import Testing

@testable import GRIPProxy

/// A client that sends and sends and does not read the answers would otherwise make them pile up.
@Suite("Requests and messages that come before their answers are read")
struct UnreadAnswersTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let handshake = """
        GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
        """

    private static func answerCount(_ text: String) -> Int {
        text.split(separator: "Hello from the test handler", omittingEmptySubsequences: false).count - 1
    }

    @Test("Requests that come at once are answered in order as long as the client reads")
    func reading() throws {
        let client = try EmbeddedClient(routes: "* test")
        try client.send(String(repeating: Self.request, count: 3))
        #expect(Self.answerCount(try client.received()) == 3)
    }

    @Test("While the client does not read they wait, and nothing more is read from it")
    func notReading() throws {
        let client = try EmbeddedClient(routes: "* test")
        try client.send(Self.request)
        #expect(Self.answerCount(try client.received()) == 1)
        client.setReading(false)
        let count = client.readCount
        try client.send(String(repeating: Self.request, count: 3))
        #expect(Self.answerCount(try client.received()) == 0)
        client.channel.read()
        #expect(client.readCount == count)
        client.setReading(true)
        #expect(Self.answerCount(try client.received()) == 3)
        #expect(client.readCount == count + 1)
    }

    @Test("Nothing more is read from a WebSocket whose client does not read")
    func webSocket() throws {
        let client = try EmbeddedClient(routes: "* test")
        try client.send(Self.handshake)
        #expect(try client.received().hasPrefix("HTTP/1.1 101 "))
        client.setReading(false)
        let count = client.readCount
        client.channel.read()
        #expect(client.readCount == count)
        client.setReading(true)
        #expect(client.readCount == count + 1)
        client.channel.read()
        #expect(client.readCount == count + 2)
    }

    @Test("Nothing more is read behind a request for a protocol that nobody speaks, however long it is held")
    func otherProtocol() throws {
        let client = try EmbeddedClient(routes: "* test")
        try client.send(
            "GET /stream?channel=a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"
        )
        #expect(try client.received().contains("[stream opened]"))
        let count = client.readCount
        client.channel.read()
        #expect(client.readCount == count)
    }

    @Test("Nothing more is read behind the handshake of a WebSocket before its answer")
    func handshake() throws {
        let client = try EmbeddedClient(routes: "* test")
        try client.send(Self.handshake)
        let count = client.readCount
        client.channel.read()
        #expect(client.readCount == count)
        #expect(try client.received().hasPrefix("HTTP/1.1 101 "))
        #expect(client.readCount == count + 1)
    }
}
