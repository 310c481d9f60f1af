import GRIP
import GRIPEngine
import HTTPTypes
public import NIOCore
import Testing

@Suite("Exchanges with clients") struct ClientExchangeTests {
    private static func request(_ path: String = "/", _ method: HTTPRequest.Method = .get) -> ClientRequest {
        ClientRequest(method: method, authority: "example.com", path: path, fields: [:], peerAddress: "192.0.2.1")
    }

    private static func route(_ line: String) throws -> Route {
        let (routes, problems) = RouteFile.parse(line)
        #expect(problems.isEmpty)
        return try #require(routes.first)
    }

    private static func exchange(
        _ request: ClientRequest = Self.request(),
        _ line: String = "* a:1",
        rules: ExchangeRules = ExchangeRules()
    ) throws -> ClientExchange {
        let route = try Self.route(line)
        let prepared = try ClientExchange.prepare(request, route: route, rules: rules)
        return ClientExchange(prepared.request, route: route, jsonp: prepared.jsonp, rules: rules, token: "token")
    }

    private static func destinations(_ actions: [ClientExchange.Action]) -> [OriginDestination] {
        actions.compactMap { if case .open(let request) = $0 { request.destination } else { nil } }
    }

    @Test("A response without instructions passes as it comes")
    func passThrough() throws {
        var exchange = try Self.exchange()
        #expect(Self.destinations(exchange.begin()) == [.server(OriginServer(host: "a", port: 1))])
        #expect(exchange.originWritabilityChanged(true) == [])
        #expect(exchange.endBody(nil) == [.endBody(nil)])
        let head = HTTPResponse(status: .ok, headerFields: [.contentLength: "2", .eTag: "\"1\""])
        #expect(
            exchange.receiveHead(head) == [
                .begin(HTTPResponse(status: .ok, headerFields: [.eTag: "\"1\""]), .known(2))
            ]
        )
        #expect(exchange.receiveResponseBody("hi") == [.write("hi")])
        #expect(exchange.endResponse(nil) == [.end(nil)])
        #expect(exchange.isEnded)
        #expect(exchange.endResponse(nil) == [])
    }

    @Test("The next target gets the whole request when one cannot be reached")
    func failover() throws {
        var request = Self.request("/", .post)
        request.bodyLength = .known(4)
        var exchange = try Self.exchange(request, "* a:1 b:2")
        _ = exchange.begin()
        #expect(exchange.receiveBody("ab") == [.readClient(false)])
        let second = exchange.originFailed(.unreachable("refused"))
        #expect(Self.destinations(second) == [.server(OriginServer(host: "b", port: 2))])
        #expect(exchange.originWritabilityChanged(true) == [.sendBody("ab"), .readClient(true)])
        #expect(exchange.receiveBody("cd") == [.sendBody("cd")])
        #expect(exchange.endBody(nil) == [.endBody(nil)])
        // Once it was sent, somebody may have acted on it.
        let end = exchange.originFailed(.closed)
        #expect(Self.destinations(end) == [])
        #expect(end.last == .respond(.originFailed))
    }

    @Test("The next target gets no part of a body whose beginning is forgotten")
    func forgotten() throws {
        var request = Self.request("/", .post)
        request.bodyLength = .known(6)
        var rules = ExchangeRules()
        rules.rememberedBody = 3
        var exchange = try Self.exchange(request, "* a:1 b:2", rules: rules)
        _ = exchange.begin()
        _ = exchange.originWritabilityChanged(true)
        #expect(exchange.receiveBody("abcd") == [.sendBody("abcd")])
        // The connection ended before the origin had read anything, and there was no other one.
        #expect(exchange.originWritabilityChanged(false).isEmpty || !exchange.isEnded)
        let end = exchange.originFailed(.busy)
        #expect(Self.destinations(end) == [])
        #expect(end.last == .respond(.originBusy))
    }

    @Test("A coded body with instructions is decoded, and one that cannot be is refused")
    func coded() throws {
        let fields: HTTPFields = [.gripHold: "stream", .gripChannel: "c", .contentEncoding: "GZIP", .eTag: "1"]
        for isValid in [true, false] {
            var exchange = try Self.exchange()
            _ = exchange.begin()
            _ = exchange.endBody(nil)
            _ = exchange.receiveHead(HTTPResponse(status: .ok, headerFields: fields))
            _ = exchange.receiveResponseBody("coded")
            #expect(exchange.endResponse(nil) == [.decode(.gzip, "coded", limit: 100_000)])
            let result: Result<ByteBuffer, ContentCodingError> = isValid ? .success("plain") : .failure(.invalid(.gzip))
            let actions = exchange.decoded(result)
            guard isValid else {
                #expect(actions.last == .respond(.originFailed))
                continue
            }
            guard case .hold(let start)? = actions.first else {
                Issue.record("there is no hold")
                continue
            }
            #expect(start.head.headerFields == [.eTag: "1", .accelBuffering: "no"])
            #expect(start.body == "plain")
        }
        var long = try Self.exchange(
            rules: {
                var rules = ExchangeRules(); rules.instructedBody = 4; return rules
            }()
        )
        _ = long.begin()
        _ = long.receiveHead(HTTPResponse(status: .ok, headerFields: fields))
        #expect(long.receiveResponseBody("12345").last == .respond(.originFailed))
    }

    @Test("A client that reads slowly holds the origin back")
    func backpressure() throws {
        var exchange = try Self.exchange()
        _ = exchange.begin()
        #expect(exchange.clientWritabilityChanged(false) == [])
        let begun = exchange.receiveHead(HTTPResponse(status: .ok))
        #expect(begun.last == .readOrigin(false))
        #expect(exchange.clientWritabilityChanged(true) == [.readOrigin(true)])
        #expect(exchange.clientWritabilityChanged(true) == [])
    }

    @Test("Instructions become a hold, and what they are written in stays here")
    func hold() throws {
        var exchange = try Self.exchange(Self.request(), "*,prefix=p- a:1,sub=own")
        _ = exchange.begin()
        _ = exchange.endBody(nil)
        let fields: HTTPFields = [
            .gripHold: "stream", .gripChannel: "c; prev-id=1", .contentType: "text/plain", .contentLength: "5",
        ]
        #expect(exchange.receiveHead(HTTPResponse(status: .ok, headerFields: fields)) == [])
        #expect(exchange.receiveResponseBody("hello") == [])
        guard case .hold(let start) = try #require(exchange.endResponse(nil).first) else {
            Issue.record("there is no hold")
            return
        }
        #expect(start.mode == .stream)
        #expect(
            start.head
                == HTTPResponse(status: .ok, headerFields: [.contentType: "text/plain", .accelBuffering: "no"])
        )
        #expect(start.body == "hello")
        #expect(start.channels.map(\.name) == ["own", "p-c"])
        #expect(start.channels.map(\.localName) == ["own", "c"])
        #expect(start.channels.lastIDs == [HeaderPolicy.LastID(channel: "c", id: "1")])
        #expect(exchange.isEnded)
    }

    @Test(
        "A server before the proxy is told not to hold a stream back, unless the origin says otherwise",
        arguments: [
            ([.gripHold: "stream", .gripChannel: "c"], "no"),
            ([.gripHold: "stream", .gripChannel: "c", .accelBuffering: "yes"], "yes"),
            ([.gripHold: "stream", .gripChannel: "c", .gripExposeHeaders: "ETag"], "no"),
            ([.gripLink: "</next>; rel=next"], "no"),
            ([.gripHold: "response", .gripChannel: "c"], nil),
        ] as [(HTTPFields, String?)]
    )
    func buffering(_ fields: HTTPFields, _ expected: String?) throws {
        var exchange = try Self.exchange()
        _ = exchange.begin()
        _ = exchange.endBody(nil)
        _ = exchange.receiveHead(HTTPResponse(status: .ok, headerFields: fields))
        guard case .hold(let start) = try #require(exchange.endResponse(nil).first) else {
            Issue.record("there is no hold")
            return
        }
        #expect(start.head.headerFields[.accelBuffering] == expected)
    }

    @Test("A response without a hold is told nothing")
    func noBuffering() throws {
        var exchange = try Self.exchange()
        _ = exchange.begin()
        let begun = exchange.receiveHead(HTTPResponse(status: .ok))
        #expect(begun.first == .begin(HTTPResponse(status: .ok), .untilEnd))
    }

    @Test("Instructions that are not valid are an error, which only debugging explains", arguments: [true, false])
    func badInstruction(isDebugging: Bool) throws {
        var rules = ExchangeRules()
        rules.isDebugging = isDebugging
        var exchange = try Self.exchange(rules: rules)
        _ = exchange.begin()
        _ = exchange.receiveHead(HTTPResponse(status: .ok, headerFields: [.gripHold: "nonsense"]))
        guard case .respond(let reply) = try #require(exchange.endResponse(nil).last) else {
            Issue.record("there is no answer")
            return
        }
        #expect(reply.head.status == .badGateway)
        #expect((reply == .originFailed) != isDebugging)
    }

    @Test("A long body with a hold passes before the hold begins")
    func lateHold() throws {
        var rules = ExchangeRules()
        rules.instructedBody = 4
        var exchange = try Self.exchange(rules: rules)
        _ = exchange.begin()
        _ = exchange.endBody(nil)
        let fields: HTTPFields = [.gripHold: "stream", .gripChannel: "c"]
        _ = exchange.receiveHead(HTTPResponse(status: .ok, headerFields: fields))
        #expect(exchange.receiveResponseBody("1234") == [])
        let begun = HTTPResponse(status: .ok, headerFields: [.accelBuffering: "no"])
        #expect(exchange.receiveResponseBody("5") == [.begin(begun, .untilEnd), .write("12345")])
        #expect(exchange.receiveResponseBody("6") == [.write("6")])
        guard case .hold(let start) = try #require(exchange.endResponse(nil).first) else {
            Issue.record("there is no hold")
            return
        }
        #expect(start.hasBegun)
        #expect(start.body.readableBytes == 0)
    }

    @Test("A long poll with a body that is too long is refused")
    func tooLong() throws {
        var rules = ExchangeRules()
        rules.instructedBody = 4
        var exchange = try Self.exchange(rules: rules)
        _ = exchange.begin()
        let fields: HTTPFields = [.gripHold: "response", .gripChannel: "c"]
        _ = exchange.receiveHead(HTTPResponse(status: .ok, headerFields: fields))
        let actions = exchange.receiveResponseBody("12345")
        #expect(actions.first == .cancelOrigin)
        #expect(actions.last == .respond(.originFailed))
        #expect(exchange.receiveResponseBody("6") == [])
    }

    @Test(
        "An instruction does not give a response a status that no such response has",
        arguments: [
            ("0", nil), ("101", nil), ("199", "response"), ("100", "stream"), ("204", "stream"), ("304", "stream"),
        ] as [(String, String?)]
    )
    func impossibleStatus(status: String, mode: String?) throws {
        var rules = ExchangeRules()
        rules.instructedBody = 4
        var fields: HTTPFields = [.gripStatus: status, .gripChannel: "c"]
        fields[.gripHold] = mode
        for body in ["", "a long body"] as [ByteBuffer] {
            var exchange = try Self.exchange(rules: rules)
            _ = exchange.begin()
            _ = exchange.receiveHead(HTTPResponse(status: .ok, headerFields: fields))
            let actions = exchange.receiveResponseBody(body) + exchange.endResponse(nil)
            #expect(actions.last == .respond(.originFailed))
            #expect(exchange.isEnded)
        }
    }

    @Test("A status without a body ends a response and may be held", arguments: ["204", "304"])
    func statusWithoutBody(status: String) throws {
        for mode in [nil, "response"] {
            var exchange = try Self.exchange()
            _ = exchange.begin()
            var fields: HTTPFields = [.gripStatus: status, .gripChannel: "c"]
            fields[.gripHold] = mode
            _ = exchange.receiveHead(HTTPResponse(status: .ok, headerFields: fields))
            switch exchange.endResponse(nil).first {
            case .hold(let start): #expect(mode != nil && start.head.status.code == Int(status))
            case .begin(let head, .none): #expect(mode == nil && head.status.code == Int(status))
            case let other: Issue.record("\(String(describing: other))")
            }
        }
    }

    @Test("A HEAD request is never held")
    func head() throws {
        var exchange = try Self.exchange(Self.request("/", .head))
        _ = exchange.begin()
        let fields: HTTPFields = [.gripHold: "stream", .gripChannel: "c", .contentLength: "5"]
        _ = exchange.receiveHead(HTTPResponse(status: .ok, headerFields: fields))
        #expect(exchange.endResponse(nil) == [.begin(HTTPResponse(status: .ok), .none), .end(nil)])
    }

    @Test("Pages of other origins may read what a route lets them, errors included")
    func crossOrigin() throws {
        var exchange = try Self.exchange(Self.request(), "*,aco a:1")
        _ = exchange.begin()
        guard case .respond(let reply) = try #require(exchange.originFailed(.closed).last) else {
            Issue.record("there is no answer")
            return
        }
        #expect(reply.head.status == .badGateway)
        #expect(reply.head.headerFields[.accessControlAllowOrigin] == "*")
    }

    @Test("A script gets a call in place of a response")
    func script() throws {
        var exchange = try Self.exchange(Self.request("/a?callback=cb&_method=POST&_body=hi&x=1"), "*,aco a:1")
        guard case .open(let request) = try #require(exchange.begin().first) else {
            Issue.record("there is no request")
            return
        }
        #expect(request.method == .post)
        #expect(request.path == "/a?x=1")
        #expect(request.bodyLength == .known(2))
        #expect(exchange.receiveHead(HTTPResponse(status: .notFound)) == [])
        #expect(exchange.receiveResponseBody("no") == [])
        guard case .respond(let reply) = try #require(exchange.endResponse(nil).first) else {
            Issue.record("there is no answer")
            return
        }
        #expect(reply.head.status == .ok)
        #expect(
            String(buffer: reply.body)
                == "/**/cb({\"code\": 404, \"reason\": \"Not Found\", \"headers\": {}, \"body\": \"no\"});\n"
        )
    }

    @Test("A client that is gone ends the request to the origin")
    func clientLost() throws {
        var exchange = try Self.exchange()
        _ = exchange.begin()
        #expect(exchange.clientLost() == [.cancelOrigin])
        #expect(exchange.clientLost() == [])
        #expect(exchange.originFailed(.closed) == [])
    }
}

extension ByteBuffer: @retroactive ExpressibleByUnicodeScalarLiteral,
    @retroactive ExpressibleByExtendedGraphemeClusterLiteral,
    @retroactive ExpressibleByStringLiteral
{
    /// The bytes of a text.
    public init(stringLiteral value: String) { self.init(string: value) }
}
