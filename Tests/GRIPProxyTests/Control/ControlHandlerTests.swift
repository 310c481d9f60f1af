import Foundation
import GRIP
import GRIPEngine
import NIOCore
import NIOEmbedded
import Testing

@testable import GRIPProxy

@Suite("The control API over sockets", .timeLimit(.minutes(5)))
struct ControlHandlerTests {
    private static let batch = #"{"items":[{"channel":"x","http-stream":{"content":"a"}}]}"#

    private static func publish(_ body: String = batch, _ fields: String = "", path: String = "/publish/") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static let published = "Published\n"

    // MARK: Answers

    @Test("The bytes of an answer are Pushpin's when the publisher wants one answer")
    func bytes() async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                try await connection.send(Self.publish(Self.batch, "Connection: close\r\n"))
                #expect(
                    try await connection.rest() == """
                        HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 10\r\n\r\n\
                        Published\n
                        """
                )
            }
        }
    }

    @Test("A connection serves request after request")
    func keepAlive() async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                for _ in 0..<3 {
                    try await connection.send(Self.publish())
                    let response = try await connection.response()
                    #expect(response?.body == Self.published)
                    #expect(response?.fields == ["Content-Type: text/plain", "Content-Length: 10"])
                }
                try await connection.send(Self.publish("nope"))
                #expect(try await connection.response()?.body == "Body is not valid JSON.\n")
                try await connection.send("GET /nope HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.response()?.code == 404)
            }
        }
    }

    @Test("A publisher of HTTP/1.0 gets one answer, whatever it asks for")
    func http10() async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                try await connection.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let text = try await connection.rest()
                #expect(text.contains("\r\nConnection: close\r\n"))
                #expect(text.hasSuffix("\r\n\r\nGRIP API\n"))
            }
        }
    }

    @Test("An answer to HEAD has no body and tells how long it would be")
    func head() async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                try await connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let head = try await connection.response(toHead: true)
                #expect(head?.fields.contains("Content-Length: 9") == true)
                #expect(try await connection.response()?.body == "GRIP API\n")
            }
        }
    }

    @Test("Requests that come at once are answered in order, also when some have to wait")
    func pipelining() async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                let requests = [
                    "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", Self.publish(),
                    Self.publish(Self.batch, "Prefer: return=representation\r\n"),
                    "GET /connections HTTP/1.1\r\nHost: a\r\n\r\n", Self.publish("[]"),
                    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", Self.publish(),
                ]
                try await connection.send(requests.joined())
                var bodies: [String] = []
                while let response = try await connection.response() { bodies.append(response.body) }
                try #require(bodies.count == 6)
                #expect(bodies[0].hasPrefix("# HELP request_received"))
                #expect(bodies[1] == Self.published)
                #expect(bodies[2].hasPrefix(#"{"message":"Published","items":[{"channel":"x","deliveries":"#))
                #expect(bodies[3] == "{\"connections\":[]}\n")
                #expect(bodies[4] == "Invalid format.\n")
                #expect(bodies[5] == "GRIP API\n")
            }
        }
    }

    @Test(
        "Very many requests that wait keep little memory, and all are answered in order",
        arguments: ["", "X-Y: z\r\n"]
    )
    func manyWaiting(fields: String) throws {
        let loop = EmbeddedEventLoop()
        var configuration = GRIPProxyServerConfiguration()
        configuration.controlHosts = ["a"]
        configuration.limits.publishedBytes = 100
        let core = try ProxyCore(routes: "* test", loop: loop) { $0 = configuration }
        let client = try EmbeddedClient(core, loop: loop)
        try client.send("GET /stream?channel=x HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.received().contains("[stream opened]"))
        let channel = EmbeddedChannel(loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try ControlHandler.install(on: channel, apis: ControlAPIs(configuration, token: nil), core: core)
        let handler = try channel.pipeline.syncOperations.handler(type: ControlHandler.self)
        let item = #"{"items":[{"channel":"x","http-stream":{"content":"\#(String(repeating: "y", count: 200))"}}]}"#
        let requests = (0..<500).map { _ in "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n" }
        // The first is answered when its item was handed out, which is in the next turn of the loop.
        try channel.writeInbound(ByteBuffer(string: Self.publish(item) + Self.publish(item) + requests.joined()))
        #expect(handler.waitingCount > 0)
        #expect(handler.waitingCount <= ControlHandler.maximumWaiting)
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        loop.run()
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        #expect(text.components(separatedBy: "Published\n").count == 3)
        #expect(text.components(separatedBy: "GRIP API\n").count == 501)
        #expect(handler.waitingCount == 0)
        #expect(!channel.isActive)
    }

    @Test("Items come in the order of their requests, whatever these want to know")
    func order() async throws {
        try await withProxy {
            $0.routes = ["* test"]
        } _: { proxy in
            try await proxy.client { client in
                try await client.send("GET /stream?channel=x HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.text(upTo: "[stream opened]\n") != nil)
                try await proxy.publisher { publisher in
                    let requests = (0..<20).map { index in
                        let item = #"{"items":[{"channel":"x","http-stream":{"content":"[\#(index)]"}}]}"#
                        return Self.publish(item, index.isMultiple(of: 3) ? "Prefer: return=representation\r\n" : "")
                    }
                    try await publisher.send(requests.joined())
                    for _ in requests { #expect(try await publisher.response()?.code == 200) }
                }
                for index in 0..<20 {
                    let text = try await client.text(upTo: "]")
                    #expect(text?.hasSuffix("[\(index)]") == true, "\(String(describing: text))")
                }
            }
        }
    }

    @Test("A publisher that sends its last request and closes its side gets all answers")
    func halfClose() async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                try await connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" + Self.publish())
                try await connection.finish()
                let text = try await connection.rest()
                #expect(text.contains("message_received"))
                #expect(text.hasSuffix("\r\n\r\nPublished\n"))
            }
        }
    }

    @Test("A request may come in small pieces")
    func pieces() async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                for byte in Self.publish().utf8 { try await connection.send([byte]) }
                #expect(try await connection.response()?.body == Self.published)
            }
        }
    }

    @Test("Leave to send the body is given, unless the answer is there already")
    func expectContinue() async throws {
        try await withProxy {
            $0.limits.controlBody = 100
        } _: { proxy in
            try await proxy.publisher { connection in
                let head = "POST /publish HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
                try await connection.send("\(head)12\r\n\r\n")
                #expect(try await connection.text(upTo: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                try await connection.send(#"{"items":[]}"#)
                #expect(try await connection.response()?.body == Self.published)
                try await connection.send("\(head)101\r\n\r\n")
                #expect(try await connection.response()?.body == "Request body too large.\n")
            }
        }
    }

    @Test("After a request for another protocol the connection ends")
    func upgrade() async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                try await connection.send(
                    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET / HTTP/1.1\r\n\r\n"
                )
                #expect(
                    try await connection.rest().hasSuffix("Connection: close\r\nContent-Length: 9\r\n\r\nGRIP API\n")
                )
            }
        }
    }

    // MARK: What is refused

    @Test(
        "What is not a request is answered and ends the connection",
        arguments: [
            ("\u{0}\u{1}\u{2}\r\n\r\n", "Failed to parse request header."),
            ("GET /\r\n\r\n", "Failed to parse request header."),
            ("GET / HTTP/9.9\r\n\r\n", "Failed to parse request header."),
            ("GET / HTTP/1.1\r\nfoo\r\n\r\n", "Failed to parse request header."),
            ("POST /publish HTTP/1.1\r\nContent-Length: abc\r\n\r\n", "Bad Content-Length."),
            ("POST /publish HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "Bad Content-Length."),
            ("POST /publish HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "Bad Content-Length."),
            ("POST /publish HTTP/1.1\r\n\r\n", "Request requires Content-Length."),
            (
                "POST /publish HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "Request requires Content-Length."
            ),
        ]
    )
    func malformed(bytes: String, text: String) async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                try await connection.send(bytes)
                let answer = try await connection.rest()
                #expect(answer.contains("\r\nConnection: close\r\n"))
                #expect(answer.hasSuffix("\r\n\r\n\(text)\n"))
            }
        }
    }

    @Test("What is not a request does not take the answers to those before it")
    func malformedAfterRequests() async throws {
        try await withProxy { proxy in
            try await proxy.publisher { connection in
                try await connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" + Self.publish() + "\u{1}\r\n")
                #expect(try await connection.response()?.code == 200)
                #expect(try await connection.response()?.body == Self.published)
                #expect(try await connection.response()?.body == "Failed to parse request header.\n")
                #expect(try await connection.response() == nil)
            }
        }
    }

    @Test("A head over the limit is refused, however it grows")
    func headLimit() async throws {
        try await withProxy {
            $0.limits.controlHead = 1000
        } _: { proxy in
            let line = "X: \(String(repeating: "x", count: 900))\r\n"
            for head in [line + line, "X: \(String(repeating: "x", count: 1100))\r\n"] {
                try await proxy.publisher { connection in
                    try await connection.send("GET / HTTP/1.1\r\n\(head)\r\n")
                    #expect(try await connection.rest().hasSuffix("\r\n\r\nRequest header too large.\n"))
                }
            }
            try await proxy.publisher { connection in
                try await connection.send("GET /\(String(repeating: "x", count: 1100)) HTTP/1.1\r\n\r\n")
                #expect(try await connection.rest().hasSuffix("\r\n\r\nRequest header too large.\n"))
            }
            try await proxy.publisher { connection in
                try await connection.send("GET / HTTP/1.1\r\n\(line)\r\n")
                #expect(try await connection.response()?.code == 200)
            }
        }
    }

    @Test("A body over the limit is refused, and whoever sends it all the same reads the answer")
    func bodyLimit() async throws {
        try await withProxy {
            $0.limits.controlBody = 1000
        } _: { proxy in
            // The answer is looked for last of all: an early end of the connection would throw it away.
            try await withConnection(to: proxy.control[0], on: proxy.group, isReading: false) { connection in
                try await connection.send(Self.publish(String(repeating: "x", count: 3_000_000)))
                try await connection.startReading()
                #expect(try await connection.rest().hasSuffix("\r\n\r\nRequest body too large.\n"))
            }
            try await proxy.publisher { connection in
                try await connection.send(Self.publish(String(repeating: "x", count: 1000)))
                #expect(try await connection.response()?.body == "Body is not valid JSON.\n")
            }
        }
    }

    @Test("Without the token nothing is done, and the connection is kept when no body is to come")
    func token() async throws {
        try await withProxy {
            $0.controlToken = "secret"
        } _: { proxy in
            try await proxy.publisher { connection in
                try await connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try await connection.response()
                #expect(response?.code == 401)
                #expect(response?.fields.contains("WWW-Authenticate: Bearer realm=\"GRIP\"") == true)
                try await connection.send(Self.publish(Self.batch, "Authorization: Bearer secret\r\n"))
                #expect(try await connection.response()?.body == Self.published)
                try await connection.send(Self.publish(Self.batch, "Authorization: Bearer other\r\n"))
                #expect(try await connection.rest().hasSuffix("\r\n\r\nUnauthorized\n"))
            }
        }
    }

    @Test("Connections over the limit are closed, on all control listeners together, until there is room again")
    func connectionLimit() async throws {
        try await withProxy { configuration in
            configuration.limits.controlConnections = 2
            configuration.controlListeners += [.tcp(host: "127.0.0.1", port: 0)]
        } _: { proxy in
            try await proxy.publisher { first in
                try await first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await first.response()?.code == 200)
                try await withConnection(to: proxy.control[1], on: proxy.group) { second in
                    try await second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await second.response()?.code == 200)
                    for address in proxy.control {
                        let text = try await withConnection(to: address, on: proxy.group) { try await $0.rest() }
                        #expect(text == "")
                    }
                    try await second.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    _ = try await second.rest()
                }
                // The other side learns of the end a little before there is room.
                var text = ""
                while text.isEmpty {
                    text = try await proxy.publisher { third in
                        try await third.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                        return try await third.rest()
                    }
                }
                #expect(text.contains("grip_proxy_control_connections 2\n"))
            }
        }
    }

    // MARK: Time

    @Test("A publisher that sends no request in time is disconnected")
    func slowHead() async throws {
        try await withProxy {
            $0.timeouts.requestHead = .milliseconds(50)
        } _: { proxy in
            let silence = try await proxy.publisher { try await $0.rest() }
            #expect(silence == "")
            try await proxy.publisher { connection in
                do { try await connection.send("GET / HTT") } catch is ChannelError {
                    // On a busy machine even this comes too late.
                }
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("A publisher that does not go on with its body is disconnected")
    func slowBody() async throws {
        try await withProxy {
            $0.timeouts.requestBody = .milliseconds(50)
        } _: { proxy in
            try await proxy.publisher { connection in
                try await connection.send("POST /publish HTTP/1.1\r\nContent-Length: 10\r\n\r\n{")
                #expect(try await connection.rest() == "")
            }
        }
    }

    @Test("A connection on which nothing comes any more is closed")
    func idle() async throws {
        try await withProxy {
            $0.timeouts.keepAlive = .milliseconds(50)
        } _: { proxy in
            try await proxy.publisher { connection in
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.rest().hasSuffix("GRIP API\n"))
            }
        }
    }

    @Test("A publisher that reads no answers is disconnected")
    func slowReader() async throws {
        try await withProxy {
            $0.timeouts.clientWrite = .milliseconds(50)
        } _: { proxy in
            try await proxy.publisher { connection in
                let requests = String(repeating: "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", count: 2000)
                // Nothing is read here, so that the other side has to stop.
                do {
                    while true { try await connection.send(requests) }
                } catch {}
            }
            try await proxy.publisher { connection in
                try await connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                let text = try #require(try await connection.response()?.body)
                #expect(text.contains("grip_proxy_control_refused_total{reason=\"timeout\"} 1\n"))
            }
        }
    }

    @Test("A shutdown ends idle connections at once")
    func shutdown() async throws {
        let (answers, source) = AsyncStream.makeStream(of: Int?.self)
        let rest = try await withProxy { proxy in
            let address = proxy.control[0]
            let task = Task {
                try await withOwnGroup { group in
                    try await withConnection(to: address, on: group) { connection in
                        try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                        source.yield(try await connection.response()?.code)
                        return try await connection.rest()
                    }
                }
            }
            var iterator = answers.makeAsyncIterator()
            #expect(await iterator.next() == 200)
            return task
        }
        #expect(try await rest.value == "")
    }
}
