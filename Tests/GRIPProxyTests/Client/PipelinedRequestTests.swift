import GRIPEngine
import Synchronization
import Testing

@testable import GRIPProxy

/// Requests that come before the answers to those before them.
@Suite("Requests one after the other on a connection", .timeLimit(.minutes(5)))
struct PipelinedRequestTests {
    /// Answers with the target of the request, or with a hold of `/hold`.
    private static func origin(holding mode: String = "response", _ held: @escaping @Sendable () -> Void = {})
        -> FuzzOrigin
    {
        FuzzOrigin { request in
            let isHeld = request.target == "/hold"
            if isHeld { held() }
            let fields = isHeld ? "Grip-Hold: \(mode)\r\nGrip-Channel: a\r\n" : ""
            let body = isHeld ? "" : request.target
            let text = "HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            return FuzzOrigin.Answer(parts: [Array(text.utf8)])
        }
    }

    @Test(
        "Plain ones and others are answered in order, whether they come at once or cut anywhere",
        arguments: [nil, 1, 7, 40] as [Int?]
    )
    func order(pieceSize: Int?) async throws {
        let requests = [
            "GET /0 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /4 HTTP/1.1\r\nHost: a\r\nX_Y: z\r\n\r\n", "GET /5 HTTP/1.1\r\nHost: a\r\n\r\n",
        ]
        let origin = Self.origin()
        let bodies = try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    let bytes = Array(requests.joined().utf8)
                    let size = pieceSize ?? bytes.count
                    for start in stride(from: 0, to: bytes.count, by: size) {
                        try await client.send(Array(bytes[start..<min(start + size, bytes.count)]))
                    }
                    var bodies: [String?] = []
                    for _ in requests { bodies.append(try await client.response()?.body) }
                    return bodies
                }
            }
        }
        #expect(origin.mistakes == [])
        #expect(bodies == requests.indices.map { "/\($0)" })
    }

    @Test("A client that sends several and then nothing more gets all answers", arguments: [false, true])
    func thenNothing(isLastPlain: Bool) async throws {
        let last = isLastPlain ? "" : "Connection: close\r\n"
        let requests = [
            "GET /0 HTTP/1.1\r\nHost: a\r\n\r\n", "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            "GET /2 HTTP/1.1\r\nHost: a\r\n\(last)\r\n",
        ]
        let origin = Self.origin()
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send(requests.joined())
                    try await client.finish()
                    for index in requests.indices { #expect(try await client.response()?.body == "/\(index)") }
                    #expect(try await client.rest() == "")
                }
            }
        }
        #expect(origin.mistakes == [])
    }

    @Test("What follows a request and is not valid does not cost its answer", arguments: [false, true])
    func thenInvalid(isPlain: Bool) async throws {
        try await Self.origin().run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    let field = isPlain ? "" : "Expect: nothing\r\n"
                    try await client.send("GET /0 HTTP/1.1\r\nHost: a\r\n\(field)\r\n\u{1}not HTTP\r\n\r\n")
                    #expect(try await client.response()?.body == "/0")
                    #expect(try await client.response()?.code == 400)
                    #expect(try await client.rest() == "")
                }
            }
        }
    }

    @Test(
        "All requests before something that is not valid are answered, and then that",
        arguments: [nil, 1, 7] as [Int?]
    )
    func someThenInvalid(pieceSize: Int?) async throws {
        let requests = [
            "GET /0 HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            "LIST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        ]
        let bytes = Array((requests.joined() + "not HTTP at all\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n").utf8)
        let origin = Self.origin()
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    let size = pieceSize ?? bytes.count
                    for start in stride(from: 0, to: bytes.count, by: size) {
                        try await client.send(Array(bytes[start..<min(start + size, bytes.count)]))
                    }
                    for index in requests.indices {
                        let response = try await client.response(toHead: index == 1)
                        #expect(response?.code == 200)
                        if index != 1 { #expect(response?.body == "/\(index)") }
                    }
                    let last = try await client.response()
                    #expect(last?.code == 400)
                    #expect(last?.body == "The request is not valid HTTP: the first line is not valid.\n")
                    #expect(try await client.rest() == "")
                }
            }
        }
        #expect(origin.mistakes == [])
    }

    @Test("Very many that wait keep little memory, and all are answered in order", arguments: ["", "X_Y: z\r\n"])
    func many(fields: String) async throws {
        let count = 2000
        let requests = (0..<count).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n" }
        let origin = Self.origin()
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.delivery.updatesOnFirstSubscription = false
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n" + requests.joined())
                    try await proxy.wait("a subscriber") { try await proxy.count { $0.registry.count } == 1 }
                    try await proxy.wait("requests that wait") { try await proxy.count { $0.waitingPartCount } > 0 }
                    #expect(
                        try await proxy.count { $0.waitingPartCount } <= HTTP1ClientHandler.maximumWaiting
                    )
                    #expect(try await proxy.publish(#""http-response":{"body":"item"}"#) == 1)
                    #expect(try await client.response()?.body == "item")
                    for number in 0..<count { #expect(try await client.response()?.body == "/\(number)") }
                }
            }
        }
        #expect(origin.mistakes == [])
    }

    @Test(
        "Bodies, trailers and what is not valid come behind very many that wait, cut anywhere",
        arguments: [nil, 7, 900] as [Int?]
    )
    func manyOfAllKinds(pieceSize: Int?) async throws {
        let requests = (0..<100).map { number in
            switch number % 3 {
            case 0: "GET /\(number) HTTP/1.1\r\nHost: a\r\nX_Y: z\r\n\r\n"
            case 1: "POST /\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            default:
                "POST /\(number) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\nX: y\r\n\r\n"
            }
        }
        let bytes = Array((requests.joined() + "not HTTP at all\r\n").utf8)
        let origin = Self.origin()
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.delivery.updatesOnFirstSubscription = false
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
                    let size = pieceSize ?? bytes.count
                    for start in stride(from: 0, to: bytes.count, by: size) {
                        try await client.send(Array(bytes[start..<min(start + size, bytes.count)]))
                    }
                    try await proxy.wait("a subscriber") {
                        try await proxy.publish(#""http-response":{"body":"item"}"#) == 1
                    }
                    #expect(try await client.response()?.body == "item")
                    try await client.finish()
                    for number in requests.indices { #expect(try await client.response()?.body == "/\(number)") }
                    #expect(try await client.response()?.code == 400)
                    #expect(try await client.rest() == "")
                }
            }
        }
        #expect(origin.mistakes == [])
    }

    @Test("A request that comes during a long poll is answered after it, and so is the next one")
    func afterHold() async throws {
        let holds = Atomic<Int>(0)
        let origin = Self.origin { holds.add(1, ordering: .relaxed) }
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                // A hold that lasts asks again, whether it has missed something.
                $0.delivery.updatesOnFirstSubscription = false
            } _: { proxy in
                try await proxy.client { client in
                    for round in 0..<3 {
                        try await client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
                        if round > 0 { try await client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n") }
                        try await proxy.wait("a subscriber") {
                            try await proxy.publish(#""http-response":{"body":"item"}"#) == 1
                        }
                        #expect(try await client.response()?.body == "item")
                        if round > 0 { #expect(try await client.response()?.body == "/next") }
                    }
                }
            }
        }
        #expect(holds.load(ordering: .relaxed) == 3)
    }

    @Test(
        "A request that begins before a hold and ends meanwhile is answered after it",
        arguments: ["", "Expect: nothing\r\n"],
        ["response", "stream"]
    )
    func begunBeforeHold(fields: String, mode: String) async throws {
        let hold = Array("GET /hold HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
        let next = Array("GET /next HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let origin = Self.origin(holding: mode)
        try await origin.run { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.delivery.updatesOnFirstSubscription = false
            } _: { proxy in
                for size in 0..<next.count {
                    try await proxy.client { client in
                        try await client.send(hold + next[..<size])
                        try await proxy.wait("a subscriber") { try await proxy.count { $0.registry.count } == 1 }
                        try await client.send(Array(next[size...]))
                        let item = #""http-response":{"body":"item"},"http-stream":{"content":"item"}"#
                        #expect(try await proxy.publish(item) == 1)
                        if mode == "stream" {
                            #expect(try await client.text(upTo: "4\r\nitem\r\n") != nil)
                            try await proxy.publish(#""http-stream":{"action":"close"}"#)
                            #expect(try await client.text(upTo: "0\r\n\r\n") == "0\r\n\r\n")
                        } else {
                            #expect(try await client.response()?.body == "item", "\(size) bytes before")
                        }
                        #expect(try await client.response()?.body == "/next", "\(size) bytes before")
                    }
                }
            }
        }
    }
}

extension ProxyLoop {
    /// How many parts of requests wait for those before them.
    fileprivate var waitingPartCount: Int {
        self.clients.values.reduce(0) { $0 + (($1 as? HTTP1ClientHandler)?.waiting?.count ?? 0) }
    }
}
