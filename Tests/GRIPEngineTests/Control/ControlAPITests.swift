import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("The control API")
struct ControlAPITests {
    private static let batch = #"{"items":[{"channel":"x","formats":{"http-stream":{"content":"a"}}}]}"#

    private func publish(_ body: String, _ fields: HTTPFields = [:]) -> ControlResponse? {
        ControlAPI.open.response(.make(.post, "/publish/", body, fields))
    }

    // MARK: Publishing

    @Test("Items are published whether there is a slash at the end or not", arguments: ["/publish/", "/publish"])
    func publish(target: String) throws {
        let decision = ControlAPI.open.decision(.make(.post, target, Self.batch))
        let expected = GRIPPublication(GRIPItem(.httpStream("a")), to: "x")
        guard case .publish([expected], .atOnce(let format)) = decision else {
            Issue.record("\(String(describing: decision))")
            return
        }
        let response = ControlResponse.published(format)
        #expect((response.code, response.type, response.text) == (200, "text/plain", "Published\n"))
        #expect(!response.closesConnection)
    }

    @Test("No items are a publish too")
    func noItems() { #expect(self.publish(#"{"items":[]}"#)?.text == "Published\n") }

    @Test(
        "A body that is no batch is refused with Pushpin's words",
        arguments: [
            ("", "Body is not valid JSON.\n"), ("nope", "Body is not valid JSON.\n"),
            (#""s""#, "Body is not valid JSON.\n"),
            ("5", "Body is not valid JSON.\n"), ("null", "Body is not valid JSON.\n"),
            (#"{"items":[]} x"#, "Body is not valid JSON.\n"), ("[]", "Invalid format.\n"),
            ("{}", "Invalid format: object does not contain 'items'\n"),
            (#"{"items":5}"#, "Invalid format: object contains 'items' with wrong type\n"),
            (#"{"items":{}}"#, "Invalid format: object contains 'items' with wrong type\n"),
            (#"{"items":null}"#, "Invalid format: object contains 'items' with wrong type\n"),
            (#"{"items":[],"items":5}"#, "Invalid format: object contains 'items' with wrong type\n"),
            (#"{"items":[5]}"#, "Invalid format: publish item object is not an object\n"),
            (
                #"{"items":[{"channel":"a","http-stream":{"content":"x"}},5]}"#,
                "Invalid format: items[1]: publish item object is not an object\n"
            ),
            (#"{"items":[{}]}"#, "Invalid format: publish item object does not contain 'channel'\n"),
        ]
    )
    func badBodies(body: String, text: String) {
        let response = self.publish(body)
        #expect(response?.code == 400)
        #expect(response?.type == "text/plain")
        #expect(response?.text == text)
    }

    @Test("A body that is not UTF-8 is refused")
    func badEncoding() {
        var request = ControlRequest.make(.post, "/publish", "")
        request.body = ByteBuffer(bytes: Array(#"{"items":[""#.utf8) + [0xFF] + Array(#""]}"#.utf8))
        #expect(ControlAPI.open.response(request)?.text == "Body is not valid JSON.\n")
    }

    @Test("One bad item among good ones publishes nothing, and the answer names it")
    func badItem() {
        let body = #"{"items":[{"channel":"x","http-stream":{"content":"a"}},{"channel":"x"}]}"#
        let decision = ControlAPI.open.decision(.make(.post, "/publish", body))
        let answer = ControlResponse(.badRequest, "Invalid format: items[1]: no formats specified")
        #expect(decision == .respond(answer))
    }

    @Test("The errors are plain text whatever the publisher accepts")
    func errorType() { #expect(self.publish("nope", [.accept: "application/json"])?.type == "text/plain") }

    // MARK: Accept

    @Test(
        "The last entry of Accept that is known says whether an answer is text or JSON",
        arguments: [
            ("application/json", true), ("text/html, */*", false), ("application/json, text/plain", false),
            ("text/plain, application/json", true), ("application/*;q=0", true), ("*", false), ("text/*", false),
            ("application/json;q=0.1, text/html", true), ("application/json, , text/html", true),
            ("Application/JSON; charset=utf-8", true), ("Text/Plain", false), ("TEXT/*", false),
        ]
    )
    func accept(accept: String, isJSON: Bool) {
        let response = self.publish(Self.batch, [.accept: accept])
        #expect(response?.code == 200)
        #expect(response?.type == (isJSON ? "application/json" : "text/plain"))
        #expect(response?.text == (isJSON ? "{\"message\":\"Published\"}\n" : "Published\n"))
    }

    @Test("Several lines of Accept count as one")
    func acceptLines() {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .accept, value: "text/html"))
        fields.append(HTTPField(name: .accept, value: "application/json"))
        #expect(self.publish(Self.batch, fields)?.type == "application/json")
    }

    @Test("With no known entry there is no answer, on any path", arguments: ["/publish", "/", "/nope", "/connections"])
    func notAcceptable(target: String) {
        for accept in ["text/html", "", "text-plain", "text/x, foo"] {
            let response = ControlAPI.open.response(.make(.post, target, Self.batch, [.accept: accept]))
            #expect(response?.code == 406)
            #expect(
                response?.text == "Not Acceptable. Supported formats are text/plain and application/json.\n",
                "\(accept)"
            )
        }
    }

    // MARK: Paths and methods

    @Test("Other methods than POST are told so", arguments: ["/publish", "/publish/", "/recover"])
    func methods(target: String) throws {
        for method in [HTTPRequest.Method.get, .put, .delete, .options, .patch, .head] {
            let response = try #require(ControlAPI.open.response(.make(method, target, "x")))
            #expect(response.code == 405)
            #expect(response.head.headerFields[.allow] == "POST")
            #expect(response.text == "Method not allowed: \(method.rawValue).\n")
        }
    }

    @Test(
        "Other paths are not found, and Pushpin's with a query are others",
        arguments: [
            "/nope", "/publish//", "/publish/?x=1", "/publish?", "/publish?/", "/?a", "*", "", "http://a/", "/PUBLISH",
            "/connections/x", "/connections/1/2", "/connections/-1", "/connections/18446744073709551616",
            "/channels/a/b",
            "/channels/%zz", "/channels/%ff", "/publish/\u{301}",
        ]
    )
    func notFound(target: String) {
        for accept in ["text/plain", "application/json"] {
            let response = ControlAPI.open.response(.make(.post, target, Self.batch, [.accept: accept]))
            #expect(response?.code == 404)
            #expect(response?.type == "text/plain")
            #expect(response?.text == "Not Found\n")
        }
    }

    @Test("Members of a channel are asked for as a list or as events, and kicked by their keys")
    func presence() {
        let api = ControlAPI.open
        let list = ControlAPI.Decision.members(of: "r/ü")
        for (accept, decision) in [
            (nil, list), ("application/json", list), ("*/*", list), ("text/event-stream", .changes(of: "r/ü")),
            ("application/json, Text/Event-Stream;q=0.1", .changes(of: "r/ü")),
        ] as [(String?, ControlAPI.Decision)] {
            let fields: HTTPFields = accept.map { [.accept: $0] } ?? [:]
            for target in ["/presence/r%2F%C3%BC", "/presence/r%2f%c3%bc/?x=1"] {
                #expect(api.decision(.make(.get, target, nil, fields)) == decision)
            }
        }
        let done = ControlResponse(.ok, "Kicked")
        #expect(api.decision(.make(.delete, "/presence/a%2Fb/c%20d")) == .kick(key: "c d", from: "a/b", done))
        #expect(api.response(.make(.head, "/presence/a", nil, [.accept: "text/event-stream"]))?.code == 200)
        #expect(api.response(.make(.get, "/presence/a", nil, [.accept: "text/plain"]))?.code == 406)
        let longKey = String(repeating: "x", count: 257)
        #expect(api.response(.make(.delete, "/presence/a/\(longKey)"))?.code == 400)
    }

    @Test("The root says that there is an API, to every method", arguments: ["/", "//"])
    func root(target: String) {
        for method in [HTTPRequest.Method.get, .head, .post, .delete] {
            let response = ControlAPI.open.response(.make(method, target, "", [.accept: "application/json"]))
            #expect((response?.code, response?.type, response?.text) == (200, "text/plain", "GRIP API\n"))
        }
    }

    @Test("Recovery is asked for with POST")
    func recover() {
        #expect(ControlAPI.open.decision(.make(.post, "/recover", "xx")) == .recover(ControlResponse(.ok, "Updated")))
        let json = ControlAPI.open.response(.make(.post, "/recover/", "", [.accept: "application/json"]))
        #expect((json?.type, json?.text) == ("application/json", "{\"message\":\"Updated\"}\n"))
    }

    // MARK: Lengths

    @Test("A request that may have a body says how long it is", arguments: [HTTPRequest.Method.post, .put, .patch])
    func lengthRequired(method: HTTPRequest.Method) throws {
        for target in ["/publish", "/nope", "/"] {
            let response = try #require(ControlAPI.open.response(.make(method, target)))
            #expect((response.code, response.text) == (411, "Request requires Content-Length.\n"))
            #expect(response.closesConnection)
        }
    }

    @Test("Any token is a method, and refused by its name where a path does not have it")
    func otherMethods() throws {
        for name in ["LIST", "BAN", "VERSION-CONTROL", "get", "CONNECT"] {
            let method = try #require(HTTPRequest.Method(name))
            for length in [nil, "2"] {
                var request = ControlRequest.make(method, "/publish", length.map { _ in "{}" })
                request.head = ControlHead(
                    method: method,
                    target: "/publish",
                    fields: length.map { [.contentLength: $0] } ?? [:]
                )
                let response = try #require(ControlAPI.open.response(request))
                #expect((response.code, response.text) == (405, "Method not allowed: \(name).\n"))
                #expect(response.head.headerFields[.allow] == "POST")
            }
        }
    }

    @Test("Chunks are not taken, whatever the method", arguments: [HTTPRequest.Method.post, .get])
    func chunked(method: HTTPRequest.Method) {
        let request = ControlRequest.make(method, "/publish", nil, [.transferEncoding: "chunked"])
        #expect(ControlAPI.open.response(request)?.code == 411)
        let both = ControlRequest.make(method, "/publish", "{}", [.transferEncoding: "chunked"])
        #expect(ControlAPI.open.response(both)?.text == "Bad Content-Length.\n")
    }

    @Test("A length that is none is refused", arguments: ["abc", "-1", "+1", "", "1, 2", "1,", "0x1", "1 "])
    func badLength(length: String) {
        let fields: HTTPFields = [.contentLength: length]
        // HTTPTypes takes away the blanks around a value.
        guard fields[.contentLength] == length else { return }
        let head = ControlHead(method: .post, target: "/publish", fields: fields)
        #expect(ControlAPI.open.check(head) == .respond(.badLength))
    }

    @Test("Two lengths have to be the same")
    func twoLengths() {
        let list = ControlHead(method: .post, target: "/publish", fields: [.contentLength: "1, 1"])
        #expect(ControlAPI.open.check(list) == .readBody(1))
        var fields: HTTPFields = [.contentLength: "1"]
        fields.append(HTTPField(name: .contentLength, value: "1"))
        let same = ControlHead(method: .post, target: "/publish", fields: fields)
        #expect(ControlAPI.open.check(same) == .readBody(1))
        fields.append(HTTPField(name: .contentLength, value: "2"))
        let different = ControlHead(method: .post, target: "/publish", fields: fields)
        #expect(ControlAPI.open.check(different) == .respond(.badLength))
    }

    @Test("A body over the limit is refused before it is read")
    func tooLarge() throws {
        func check(_ length: String) -> ControlAPI.Check {
            ControlAPI.open.check(.init(method: .post, target: "/publish", fields: [.contentLength: length]))
        }
        #expect(check("1000000") == .readBody(1_000_000))
        for length in ["1000001", "9223372036854775807", "99999999999999999999999"] {
            #expect(check(length) == .respond(.bodyTooLarge))
        }
        #expect(ControlResponse.bodyTooLarge.text == "Request body too large.\n")
        #expect(ControlResponse.bodyTooLarge.code == 400)
        #expect(ControlResponse.bodyTooLarge.closesConnection)
    }

    // MARK: Connections

    @Test("A connection is kept unless the publisher says otherwise or speaks HTTP/1.0")
    func keepsConnection() {
        func head(_ connection: String?, isHTTP10: Bool = false) -> ControlHead {
            let fields: HTTPFields = connection.map { [.connection: $0] } ?? [:]
            return .init(method: .get, target: "/", fields: fields, isHTTP10: isHTTP10)
        }
        #expect(head(nil).keepsConnection)
        #expect(head("keep-alive").keepsConnection)
        #expect(!head("close").keepsConnection)
        #expect(!head("x, Close").keepsConnection)
        #expect(!head(nil, isHTTP10: true).keepsConnection)
        #expect(!head("keep-alive", isHTTP10: true).keepsConnection)
    }

    @Test("Leave to send a body is asked for with HTTP/1.1 only")
    func expectsContinue() {
        func expectsContinue(_ value: String, isHTTP10: Bool) -> Bool {
            ControlHead(method: .post, target: "/publish", fields: [.expect: value], isHTTP10: isHTTP10).expectsContinue
        }
        #expect(expectsContinue("100-Continue", isHTTP10: false))
        #expect(!expectsContinue("100-Continue", isHTTP10: true))
        #expect(!expectsContinue("x", isHTTP10: false))
    }

    // MARK: Tokens

    @Test("With a token every request has to carry it")
    func token() throws {
        let api = ControlAPI(token: "secret", maximumBody: 10)
        func response(_ authorization: String?, _ target: String = "/") -> ControlResponse? {
            api.response(.make(.get, target, nil, authorization.map { [.authorization: $0] } ?? [:]))
        }
        for target in ["/", "/publish", "/metrics", "/connections", "/nope"] {
            let none = try #require(response(nil, target))
            #expect((none.code, none.text) == (401, "Unauthorized\n"))
            #expect(none.head.headerFields[.wwwAuthenticate] == "Bearer realm=\"GRIP\"")
            #expect(!none.closesConnection)
        }
        for authorization in [
            "Bearer", "Bearer ", "Bearer secre", "Bearer secretx", "Bearer secretsecret", "Basic secret", "secret",
        ] {
            let wrong = try #require(response(authorization))
            #expect(wrong.code == 401, "\(authorization)")
            #expect(wrong.head.headerFields[.wwwAuthenticate] == "Bearer realm=\"GRIP\", error=\"invalid_token\"")
        }
        for authorization in ["Bearer secret", "bearer secret", "BEARER   secret"] {
            #expect(response(authorization)?.code == 200, "\(authorization)")
        }
    }

    @Test("Whoever has no token does not learn about limits and sends no body")
    func tokenBeforeBody() throws {
        let api = ControlAPI(token: "secret", maximumBody: 10)
        let response = try #require(api.response(.make(.post, "/publish", String(repeating: "x", count: 11))))
        #expect(response.code == 401)
        #expect(response.closesConnection)
    }

    @Test("Two tokens are none, and neither is an empty one")
    func oddTokens() {
        var fields: HTTPFields = [.authorization: "Bearer secret"]
        fields.append(HTTPField(name: .authorization, value: "Bearer secret"))
        let api = ControlAPI(token: "secret", maximumBody: 10)
        #expect(api.response(.make(.get, "/", nil, fields))?.code == 401)
        let empty = ControlAPI(token: "", maximumBody: 10)
        #expect(empty.response(.make(.get, "/", nil, [.authorization: "Bearer "]))?.code == 401)
    }
}
