import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@Suite("The origin behind the target test")
struct TestOriginTests {
    private func respond(
        _ path: String,
        method: HTTPRequest.Method = .get,
        fields: HTTPFields = [:],
        body: String = ""
    ) -> EngineResponse {
        TestOrigin.respond(method: method, path: path, fields: fields, body: ByteBuffer(string: body))
    }

    private func instruction(_ response: EngineResponse) throws -> GRIPInstruction? {
        #expect(response.status == .ok)
        #expect(response.fields[.contentLength] == String(response.body.readableBytes))
        guard GRIPInstruction.isPresent(in: response.fields) else { return nil }
        return try GRIPInstruction(fields: response.fields)
    }

    @Test("greets", arguments: ["/", "/?x"])
    func hello(path: String) throws {
        let response = self.respond(path)
        #expect(try self.instruction(response) == nil)
        #expect(String(buffer: response.body) == "Hello from the test handler of the GRIP proxy!\n")
    }

    @Test(
        "holds on a channel",
        arguments: [
            ("/response", "test"), ("/response/?channel=a%20b", "a b"), ("/response?x=1&channel=q&channel=r", "q"),
            ("/response?channel=", "test"), ("/response?channel", "test"), ("/response?channel=a+b", "a+b"),
        ]
    )
    func holds(path: String, channel: String) throws {
        let response = self.respond(path)
        #expect(try self.instruction(response) == .response(on: GRIPChannel(channel)))
        #expect(String(buffer: response.body) == "nothing for now\n")
        let stream = self.respond(path.replacing("response", with: "stream"), method: .post)
        #expect(try self.instruction(stream) == .stream(on: GRIPChannel(channel)))
        #expect(String(buffer: stream.body) == "[stream opened]\n")
    }

    @Test("holds nothing for HEAD")
    func head() throws {
        let response = self.respond("/stream", method: .head)
        #expect(response.body.readableBytes == 0)
        #expect(response.fields[.contentLength] == "16")
        #expect(!response.fields.contains { $0.name.isGRIP })
    }

    @Test("has nothing else", arguments: ["/nope", "/ws", "/response/x", "", "*", "/stream%2f", "//response"])
    func nothing(path: String) {
        let response = self.respond(path)
        #expect(response.status == .notFound)
        #expect(String(buffer: response.body) == "no such test resource\n")
    }

    @Test("refuses channels that a header cannot carry", arguments: ["%0d%0aX:1", "a,b", "%", "%ff", "a;b", "%20a"])
    func badChannels(name: String) {
        let fields: HTTPFields = [.contentType: "application/websocket-events", .connectionID: "1"]
        for response in [
            self.respond("/stream?channel=" + name), self.respond("/response?channel=" + name),
            self.respond("/ws?channel=" + name, method: .post, fields: fields, body: "OPEN\r\n"),
        ] {
            #expect(response.status == .badRequest)
            #expect(!response.fields.contains { $0.name.isGRIP })
        }
    }

    private let events: HTTPFields = [.contentType: "application/websocket-events", .connectionID: "1"]

    private func webSocket(_ body: String, _ path: String = "/ws") -> EngineResponse {
        self.respond(path, method: .post, fields: self.events, body: body)
    }

    @Test("accepts WebSockets, subscribes them, and sends back what they say")
    func webSockets() {
        let opened = self.webSocket("OPEN\r\nTEXT 2\r\nhi\r\n", "/ws?channel=c")
        #expect(opened.status == .ok)
        #expect(opened.fields[.contentType] == "application/websocket-events")
        #expect(opened.fields[.secWebSocketExtensions] == "grip")
        let subscribe = #"c:{"type":"subscribe","channel":"c"}"#
        #expect(
            String(buffer: opened.body)
                == "OPEN\r\nTEXT \(String(subscribe.utf8.count, radix: 16))\r\n\(subscribe)\r\nTEXT 4\r\nm:hi\r\n"
        )
        #expect(opened.fields[.contentLength] == String(opened.body.readableBytes))
        #expect(String(buffer: self.webSocket("BINARY 1\r\nx\r\n").body) == "BINARY 3\r\nm:x\r\n")
        #expect(String(buffer: self.webSocket("CLOSE 2\r\n\u{3}\u{8}\r\n").body).hasPrefix("CLOSE"))
        #expect(self.webSocket("DISCONNECT\r\n").body.readableBytes == 0)
    }

    @Test("refuses events that are none", arguments: ["TEXT 5\r\nx", "TEXT 1\r\nx\r\nOPEN\r\n", "OPEN"])
    func badEvents(body: String) { #expect(self.webSocket(body).status == .badRequest) }

    @Test("refuses WebSockets without an id")
    func noID() {
        let fields: HTTPFields = [.contentType: "application/websocket-events"]
        #expect(self.respond("/ws", method: .post, fields: fields, body: "OPEN\r\n").status == .badRequest)
    }

    @Test("survives whatever it is asked")
    func hostile() {
        var paths = HostileBytes(
            seed: 9,
            seeds: ["/", "/response?channel=a", "/stream", "/ws?channel=b", "/ws"],
            pieces: ["?", "&", "=", "%", "channel", "/", "%0a", "é", "\u{301}", ","]
        )
        var bodies = HostileBytes(
            seed: 10,
            seeds: ["OPEN\r\n", "OPEN\r\nTEXT 2\r\nhi\r\n", "PING\r\nCLOSE 2\r\n\u{3}\u{8}\r\n", "BINARY 1\r\nx\r\n"],
            pieces: ["\r\n", "TEXT ", "FFFFFFFF", "7fffffffffffffff", "DISCONNECT\r\n", "c:"]
        )
        var statuses: Set<Int> = []
        for _ in 0..<10_000 {
            let response = TestOrigin.respond(
                method: .post,
                path: paths.nextText(),
                fields: self.events,
                body: ByteBuffer(bytes: bodies.next())
            )
            statuses.insert(response.status.code)
            #expect(response.fields[.contentLength] == String(response.body.readableBytes))
        }
        #expect(statuses == [200, 400, 404])
    }
}
