import GRIPEngine
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@Suite("A JSON-P request stands for another")
struct JSONPRequestTests {
    private func options(_ line: String) throws -> Route.JSONP? {
        let (routes, problems) = RouteFile.parse("*,aco\(line) test")
        #expect(problems.isEmpty)
        return try #require(routes.first).jsonp
    }

    private func read(
        _ path: String,
        _ line: String = "",
        fields: KeyValuePairs<String, String> = [:],
        method: HTTPRequest.Method = .get
    ) throws -> JSONPRequest? {
        try JSONPRequest(method: method, path: path, fields: HTTPFields(fields), options: try self.options(line))
    }

    private func describe(_ request: JSONPRequest?) -> String {
        guard let request else { return "none" }
        let fields = request.fields.map { "\($0.name.rawName): \($0.value)" }.joined(separator: ", ")
        let callback = "\(request.wrapper.mode.rawValue) \(request.wrapper.callback.name)"
        return "\(request.method) \(request.path) [\(fields)] '\(String(buffer: request.body))' \(callback)"
    }

    // RT8
    @Test(
        "with what it takes out of the query",
        arguments: [
            ("", "/x?callback=cb", "GET /x [Accept: */*] '' extended cb"),
            ("", "/x?a=b&callback=cb&c=d", "GET /x?a=b&c=d [Accept: */*] '' extended cb"),
            ("", "/x?callback=cb&", "GET /x [Accept: */*] '' extended cb"),
            ("", "/x?&callback=cb", "GET /x [Accept: */*] '' extended cb"),
            ("", "/x?callback=cb&callback=cc", "GET /x [Accept: */*] '' extended cb"),
            ("", "/x?c%61llback=a%2Eb", "GET /x [Accept: */*] '' extended a.b"),
            ("", "/x?callback=cb&a=1?b&c=%zz", "GET /x?a=1?b&c=%zz [Accept: */*] '' extended cb"),
            ("", "/x?callback=cb&_body=a%20b+c", "GET /x [Accept: */*, Content-Length: 5] 'a b+c' extended cb"),
            ("", "/x?callback=cb&body=q", "GET /x?body=q [Accept: */*] '' extended cb"),
            ("", "/x?callback=cb&_method=FOO", "FOO /x [Accept: */*, Content-Length: 0] '' extended cb"),
            (
                "", "/x?callback=cb&_method=POST&_body=hi",
                "POST /x [Accept: */*, Content-Length: 2] 'hi' extended cb"
            ),
            (",jsonp_defmethod=PATCH", "/x?callback=q", "PATCH /x [Accept: */*, Content-Length: 0] '' extended q"),
            (",jsonp_mode=basic", "/x?callback=cb", "POST /x [Accept: */*, Content-Length: 0] '' basic cb"),
            (",jsonp_mode=basic", "/x?callback=cb&_method=PUT", "PUT /x [Accept: */*, Content-Length: 0] '' basic cb"),
            (",jsonp_cb=zz", "/x?zz=cb&callback=other", "GET /x?callback=other [Accept: */*] '' extended cb"),
            (",jsonp_cb=zz", "/x?callback=cb", "none"),
            (
                ",jsonp_body=b", "/x?callback=cb&b=%7B%7D&_body=2",
                "GET /x?_body=2 [Content-Type: application/json, Accept: */*, Content-Length: 2] '{}' extended cb"
            ),
            (",jsonp_body=b", "/x?b=1", "none"),
            (",jsonp_defcb=d", "/x?_body=1", "none"),
            (
                ",jsonp_defcb=d,jsonp_body=b,jsonp_defmethod=PUT", "/x?b=1",
                "PUT /x [Content-Type: application/json, Accept: */*, Content-Length: 1] '1' extended d"
            ),
            (
                ",jsonp_defcb=d,jsonp_body=b,jsonp_cb=cb,jsonp_mode=basic", "/x?cb=mine&b=1",
                "POST /x [Content-Type: application/json, Accept: */*, Content-Length: 1] '1' basic mine"
            ),
            ("", "/x", "none"), ("", "/x?", "none"), ("", "/x?CALLBACK=cb", "none"), ("", "/x?_method=POST", "none"),
            ("", "/x?%zz=1", "none"),
        ]
    )
    func reads(line: String, path: String, expected: String) throws {
        #expect(self.describe(try self.read(path, line)) == expected)
    }

    @Test("unless it is not a GET", arguments: [HTTPRequest.Method.post, .head, .options])
    func otherMethods(method: HTTPRequest.Method) throws {
        #expect(try self.read("/x?callback=cb", method: method) == nil)
    }

    @Test("with headers of its own, but not with those that a script must not set")
    func headers() throws {
        let json =
            #"{"X-A":"1","Host":"evil","Accept":"text/html","Content-Length":"99","Grip-Sig":"x","b":"2","#
            + #""Cookie":"s=1","Origin":"http://o","Sec-Fetch-Site":"none","Transfer-Encoding":"chunked","Proxy-X":"1"}"#
        let encoded = json.utf8.map { "%" + (String($0, radix: 16)) }.joined()
        let fields: KeyValuePairs = [
            "Accept": "image/png", "Cookie": "s=2", "x-a": "client", "Content-Length": "7", "X-C": "3",
        ]
        let request = try self.read("/x?callback=cb&_headers=\(encoded)", fields: fields)
        #expect(
            self.describe(request) == "GET /x [X-A: 1, b: 2, Accept: */*, Cookie: s=2, X-C: 3] '' extended cb"
        )
    }

    @Test(
        "unless a parameter cannot be used",
        arguments: [
            ("", "callback=", "callback"), ("", "callback", "callback"), ("", "callback=%zz", "callback"),
            ("", "callback=a%20b", "callback"), ("", "callback=%ff", "callback"), (",jsonp_cb=x", "x=", "callback"),
            (",jsonp_defcb=a-b,jsonp_body=b", "b=1", "callback"),
            ("", "callback=cb&_method=", "_method"), ("", "callback=cb&_method=a%20b", "_method"),
            ("", "callback=cb&_method=%zz", "_method"), ("", "callback=cb&_method=CONNECT", "_method"),
            ("", "callback=cb&_method=TRACE", "_method"),
            ("", "callback=cb&_headers=", "_headers"), ("", "callback=cb&_headers=[]", "_headers"),
            ("", "callback=cb&_headers={", "_headers"), ("", "callback=cb&_headers=%zz", "_headers"),
            ("", "callback=cb&_headers=%7B%22a%22%3A1%7D", "_headers"),
            ("", "callback=cb&_headers=%7B%22a%20b%22%3A%22x%22%7D", "_headers"),
            ("", "callback=cb&_headers=%7B%22a%22%3A%22x%5Cr%5CnEvil%3A%201%22%7D", "_headers"),
            ("", "callback=cb&_body=", "_body"), ("", "callback=cb&_body=%zz", "_body"),
            (",jsonp_body=b", "callback=cb&b=", "body"), (",jsonp_body=b", "callback=cb&b=%ff", "body"),
        ]
    )
    func problems(line: String, query: String, parameter: String) throws {
        let options = try self.options(line)
        let error = #expect(throws: JSONPError.self) {
            try JSONPRequest(method: .get, path: "/x?" + query, fields: [:], options: options)
        }
        let response = try #require(error).response
        #expect(response.status == .badRequest)
        #expect(response.fields[.contentType] == "text/plain")
        #expect(String(buffer: response.body) == "Invalid \(parameter) parameter.\n")
    }

    @Test("unless there are more headers than anybody needs")
    func tooManyHeaders() {
        let members = (0..<65).map { "%22h\($0)%22:%22%22" }.joined(separator: ",")
        #expect(throws: JSONPError.self) { try self.read("/?callback=a&_headers=%7B\(members)%7D") }
    }

    @Test("whatever is in the query")
    func hostile() throws {
        var input = HostileBytes(
            seed: 6,
            seeds: [
                "a=b&callback=cb&_method=POST&_body=hi", "callback=a.b%5B0%5D&_headers=%7B%22a%22%3A%22b%22%7D",
                "b=1&callback=cb&c=d",
            ],
            pieces: [
                "callback=", "_method=", "_headers=", "_body=", "&", "=", "%", "%22", "%0d%0a", "\u{301}", "?", "#",
                "%E2%80%A8", ";", "(", ")", "<script>", "é",
            ]
        )
        var read = 0
        for round in 0..<10_000 {
            let path = "/x?" + input.nextText()
            let options = try self.options(["", ",jsonp_body=b,jsonp_defcb=d", ",jsonp_mode=basic"][round % 3])
            let request: JSONPRequest?
            do {
                request = try JSONPRequest(method: .get, path: path, fields: ["X": "1"].fields, options: options)
            } catch {
                #expect(error.response.status == .badRequest)
                continue
            }
            guard let request else { continue }
            read += 1
            #expect(request.path.utf8.starts(with: "/x".utf8) && request.path.utf8.count < path.utf8.count)
            #expect(request.path != "/x?")
            #expect(request.fields.count <= 67)
            #expect(request.fields[.contentLength].map { $0 == String(request.body.readableBytes) } ?? true)
            let name = request.wrapper.callback.name
            #expect(JSONPCallback(name)?.name == name)
        }
        #expect(read > 1000)
    }
}

extension [String: String] {
    fileprivate var fields: HTTPFields {
        var fields = HTTPFields()
        for (name, value) in self { if let name = HTTPField.Name(name) { fields[name] = value } }
        return fields
    }
}
