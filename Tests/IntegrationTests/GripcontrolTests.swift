import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// What Python's gripcontrol and pubcontrol publish, as it reaches the clients of our applications.
@Suite("gripcontrol", .serialized, .needsProxy, .needsPython, .timeLimit(.minutes(5))) struct GripcontrolTests {
    @Sendable private func routes(_ router: TestRouter, _ grip: GRIPOrigin) {
        let pages = Mutex(0)
        router.get("stream") { _, _ in "open\n".held(.stream(on: "test")) }
        router.get("filtered") { request, _ in
            let channel = try GRIPChannel("test", filters: [.skipSelf])
            let user = request.uri.queryParameters.get("user") ?? ""
            return "open\n".held(try .stream(on: channel).with(meta: ["user": user]))
        }
        router.get("pages") { _, _ in
            let page = pages.withLock { pages in
                pages += 1
                return pages
            }
            return "page \(page)\n".held(.stream(on: "test").with(next: try GRIPLink("/pages")))
        }
        router.get("poll") { _, _ in
            Response(status: .accepted, headers: [.contentType: "text/x-held"]).held(.response(on: "test"))
        }
        router.webSocketOverHTTP("socket") { socket, _, _ in
            if socket.isOpening {
                socket.accept()
                socket.subscribe(to: "test")
            }
            for message in socket.messages { socket.send(message) }
        }
    }

    /// Runs an application with something to publish to its channel from Python, which takes a list of items.
    private func withPublisher(
        behind proxy: ProxyUnderTest,
        _ body: @Sendable (DelegatedApplication, @escaping @Sendable (String) async throws -> Void) async throws -> Void
    ) async throws {
        let python = try await PythonEnvironment.shared.interpreter()
        try await withDelegatedApplication(.behind(proxy), routes: self.routes) { application async throws in
            try await body(application) { items in
                let outcome = try await Self.publish(items, to: try #require(application.controlURL), python)
                #expect(outcome.status == 0, "\(outcome.output)")
            }
        }
    }

    private static func publish(
        _ items: String,
        to controlURL: String,
        _ python: String
    ) async throws -> (status: Int32, output: String) {
        let script = PythonEnvironment.peersFolder.appendingPathComponent("publish.py").path
        return try await withChildProcess(python, [script, controlURL, "test", items]) { child async throws in
            (try await child.waitForExit(within: .seconds(60)), child.output)
        }
    }

    private func withOpenSocket(
        _ application: DelegatedApplication,
        _ body: @Sendable (WebSocketClient) async throws -> Void
    ) async throws {
        try await withWebSocket(port: application.port, path: "/socket") { socket async throws in
            // An echo shows that the subscription before it is done.
            try await socket.send("ready")
            #expect(try await socket.receive() == .text("ready"))
            try await body(socket)
        }
    }

    @Test("One item reaches the clients of all transports", arguments: ProxyUnderTest.all)
    func allTransports(proxy: ProxyUnderTest) async throws {
        let items = """
            [{"formats": {"HttpResponseFormat": {"body": "grüße\\n"}, "HttpStreamFormat": {"content": "grüße\\n"}, \
            "WebSocketMessageFormat": {"content": "grüße"}}}]
            """
        try await self.withPublisher(behind: proxy) { application, publish async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                try await self.withOpenSocket(application) { socket async throws in
                    _ = try await stream.readUntil("\n")
                    let poll = try await answer {
                        try await fetch("\(application.url)/poll", within: .seconds(60))
                    } publishing: {
                        try await publish(items)
                    }
                    #expect(poll.body == "grüße\n")
                    #expect(try await stream.readUntil("\n") == "grüße\n")
                    #expect(try await socket.receive() == .text("grüße"))
                }
            }
        }
    }

    // MARK: Streams

    /// What is published, and what a stream then receives.
    private static let streams: [(items: String, received: [UInt8])] = [
        (#"{"HttpStreamFormat": {"content": "grüße\n"}}"#, Array("grüße\n".utf8)),
        (#"{"HttpStreamFormat": {"content": {"base64": "Z3LDvMOfZQ=="}}}"#, Array("grüße".utf8)),
        (#"{"HttpStreamFormat": {"content": {"base64": "AP8KDQ=="}}}"#, [0, 255, 10, 13]),
        (#"{"HttpStreamFormat": {"content": "sent", "action": "send"}}"#, Array("sent".utf8)),
        (#"{"HttpStreamFormat": {"content": "any", "content_filters": []}}"#, Array("any".utf8)),
        // Nothing for streams, and a last one to see that nothing came of it.
        (#"{"HttpResponseFormat": {"body": "x"}, "WebSocketMessageFormat": {"content": "x"}}"#, []),
        (#"{"HttpStreamFormat": {"content": "last"}}"#, Array("last".utf8)),
    ]
    private static let closings = [#"{"close": true}"#, #"{"action": "close"}"#]

    @Test("A stream receives all contents and ends when told to", arguments: ProxyUnderTest.all, Self.closings)
    func stream(proxy: ProxyUnderTest, closing: String) async throws {
        try await self.withPublisher(behind: proxy) { application, publish async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                let items = Self.streams.map { "{\"formats\": \($0.items)}" }
                try await publish("[\(items.joined(separator: ", "))]")
                let expected = Self.streams.flatMap(\.received)
                var received: [UInt8] = []
                while received.count < expected.count {
                    received += try await stream.readUntilAny().readableBytesView
                }
                #expect(received == expected)
                // By itself, as Pushpin may drop the connection where it is still writing what came before.
                try await publish("[{\"formats\": {\"HttpStreamFormat\": \(closing)}}]")
                #expect(try await stream.readToEnd() == ByteBuffer())
            }
        }
    }

    @Test("A hint makes the proxy ask for the next page of a stream", arguments: ProxyUnderTest.all)
    func streamHint(proxy: ProxyUnderTest) async throws {
        try await self.withPublisher(behind: proxy) { application, publish async throws in
            try await withStream("\(application.url)/pages") { stream async throws in
                #expect(try await stream.readUntil("\n") == "page 1\n")
                for _ in 0..<2 {
                    try await publish(#"[{"formats": {"HttpStreamFormat": {"action": "hint"}}}]"#)
                    // The proxy may ask by itself too, soon after the first client of a channel came.
                    #expect(try await stream.readUntil("\n").hasPrefix("page "))
                }
            }
        }
    }

    // MARK: Items

    @Test("Items arrive in the order of their ids, and each once", arguments: ProxyUnderTest.all)
    func order(proxy: ProxyUnderTest) async throws {
        func item(_ id: Int, after previous: Int?) -> String {
            let previousID = previous.map { ", \"prev_id\": \"\($0)\"" } ?? ""
            return "{\"formats\": {\"HttpStreamFormat\": {\"content\": \"\(id)\\n\"}}, \"id\": \"\(id)\"\(previousID)}"
        }
        let items = [
            item(1, after: nil), item(3, after: 2), item(4, after: 3), item(1, after: nil), item(2, after: 1),
            item(3, after: 2), item(5, after: 4),
        ]
        try await self.withPublisher(behind: proxy) { application, publish async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                try await publish("[\(items.joined(separator: ", "))]")
                #expect(try await stream.readUntil("5\n") == "1\n2\n3\n4\n5\n")
            }
        }
    }

    @Test("Meta of an item tells who is not to get it", arguments: ProxyUnderTest.all)
    func meta(proxy: ProxyUnderTest) async throws {
        try await self.withPublisher(behind: proxy) { application, publish async throws in
            try await withStream("\(application.url)/filtered?user=al") { al async throws in
                try await withStream("\(application.url)/filtered?user=bob") { bob async throws in
                    for stream in [al, bob] { _ = try await stream.readUntil("\n") }
                    let items = ["al", "bob"].map { sender in
                        "{\"formats\": {\"HttpStreamFormat\": {\"content\": \"from \(sender)\\n\"}}, "
                            + "\"meta\": {\"sender\": \"\(sender)\"}}"
                    }
                    try await publish("[\(items.joined(separator: ", "))]")
                    #expect(try await bob.readUntil("\n") == "from al\n")
                    #expect(try await al.readUntil("\n") == "from bob\n")
                }
            }
        }
    }

    @Test("What the control API refuses is an error for the publisher", arguments: ProxyUnderTest.all)
    func refusal(proxy: ProxyUnderTest) async throws {
        let python = try await PythonEnvironment.shared.interpreter()
        try await withDelegatedApplication(.behind(proxy), routes: self.routes) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                let publish = { (items: String) in
                    try await Self.publish(items, to: try #require(application.controlURL), python)
                }
                // One mistake keeps all of a request from being published.
                let refused = try await publish(
                    """
                    [{"formats": {"HttpStreamFormat": {"content": "x\\n"}, \
                    "HttpResponseFormat": {"headers": "wrong", "body": "x"}}}]
                    """
                )
                #expect(refused.status != 0)
                #expect(refused.output.contains("received failed status code 400"))
                let accepted = try await publish(#"[{"formats": {"HttpStreamFormat": {"content": "y\n"}}}]"#)
                #expect(accepted.status == 0)
                #expect(try await stream.readUntil("\n") == "y\n")
            }
        }
    }

    // MARK: Long-polls

    /// The arguments of a response, and what it is.
    struct ResponseCase: Sendable, CustomTestStringConvertible {
        var arguments: String
        /// The client does not tell the reason phrase.
        var status: UInt = 200
        var headers: [String: [String]] = [:]
        var body: [UInt8] = []

        var testDescription: String { self.arguments }
    }

    private static let responses = [
        ResponseCase(
            arguments: #"{"body": "grüße\n"}"#,
            headers: ["Content-Type": ["text/x-held"]],
            body: Array("grüße\n".utf8)
        ),
        ResponseCase(arguments: #"{"body": {"base64": "AP8KDQ=="}}"#, body: [0, 255, 10, 13]),
        ResponseCase(arguments: "{}"),
        ResponseCase(
            arguments: #"{"code": 499, "reason": "Gone Fishing", "body": "bye"}"#,
            status: 499,
            body: Array("bye".utf8)
        ),
        ResponseCase(
            arguments: #"{"code": 201, "headers": {"Content-Type": "text/plain", "X-One": "1"}, "body": "made"}"#,
            status: 201,
            headers: ["Content-Type": ["text/plain"], "X-One": ["1"]],
            body: Array("made".utf8)
        ),
        ResponseCase(
            arguments: #"{"headers": [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]], "body": "two"}"#,
            headers: ["Set-Cookie": ["a=1", "b=2"]],
            body: Array("two".utf8)
        ),
    ]

    @Test("A long-poll is answered with all that a response can have", arguments: ProxyUnderTest.all, Self.responses)
    func response(proxy: ProxyUnderTest, expected: ResponseCase) async throws {
        try await self.withPublisher(behind: proxy) { application, publish async throws in
            let (response, body) = try await answer {
                try await withStream("\(application.url)/poll", within: .seconds(60)) { response async throws in
                    (response, try await response.readToEnd())
                }
            } publishing: {
                try await publish("[{\"formats\": {\"HttpResponseFormat\": \(expected.arguments)}}]")
            }
            #expect(response.status.code == expected.status)
            for (name, values) in expected.headers { #expect(response.headers[name] == values) }
            #expect(Array(body.readableBytesView) == expected.body)
        }
    }

    // MARK: WebSockets

    /// The arguments of a message, and what it is.
    struct MessageCase: Sendable, CustomTestStringConvertible {
        var arguments: String
        var received: WebSocketMessage

        var testDescription: String { self.arguments }
    }

    private static let messages = [
        MessageCase(arguments: #"{"content": "grüße"}"#, received: .text("grüße")),
        MessageCase(arguments: #"{"content": {"base64": "Z3LDvMOfZQ=="}}"#, received: .text("grüße")),
        MessageCase(
            arguments: #"{"content": "bytes", "binary": true}"#,
            received: .binary(ByteBuffer(string: "bytes"))
        ),
        MessageCase(
            arguments: #"{"content": {"base64": "AP8KDQ=="}, "binary": true}"#,
            received: .binary(ByteBuffer(bytes: [0, 255, 10, 13]))
        ),
        MessageCase(arguments: #"{"content": ""}"#, received: .text("")),
        MessageCase(arguments: #"{"content": "sent", "action": "send"}"#, received: .text("sent")),
    ]
    private static let closes = [
        MessageCase(
            arguments: #"{"action": "close", "code": 4567, "reason": "grüße"}"#,
            received: .close(code: 4567, reason: "grüße")
        ),
        MessageCase(arguments: #"{"action": "close", "code": 1001}"#, received: .close(code: 1001, reason: "")),
        MessageCase(arguments: #"{"action": "close"}"#, received: .close(code: 1000, reason: "")),
    ]

    @Test("A WebSocket receives all messages and is closed when told to", arguments: ProxyUnderTest.all, Self.closes)
    func webSocket(proxy: ProxyUnderTest, close: MessageCase) async throws {
        let expected = Self.messages + [close]
        let formats = expected.map { "{\"formats\": {\"WebSocketMessageFormat\": \($0.arguments)}}" }
        try await self.withPublisher(behind: proxy) { application, publish async throws in
            try await self.withOpenSocket(application) { socket async throws in
                try await publish("[\(formats.joined(separator: ", "))]")
                for message in expected.map(\.received) { #expect(try await socket.receive() == message) }
                #expect(try await socket.receive() == .disconnected)
            }
        }
    }
}
