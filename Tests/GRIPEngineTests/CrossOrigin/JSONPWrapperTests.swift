import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@Suite("A JSON-P response is a script")
struct JSONPWrapperTests {
    private func wrapper(_ mode: Route.JSONP.Mode) throws -> JSONPWrapper {
        JSONPWrapper(callback: try #require(JSONPCallback("cb")), mode: mode)
    }

    private let fields = HTTPFields([
        "Server": "s", "Set-Cookie": "a=1", "set-cookie": "b=2", "Cache-Control": "no-cache", "ETag": "\"x\"",
        "cache-control": "max-age=1", "Content-Length": "22", "Connection": "close", "Grip-Hold": "stream",
    ])

    // RT8
    @Test("that says everything in extended mode")
    func extended() throws {
        let status = HTTPResponse.Status(code: 404, reasonPhrase: "Nope \"x\"")
        let body = ByteBuffer(string: "{\"a\":\"</script>\u{2028}\u{2029}é\"}\n\n")
        let response = try self.wrapper(.extended).wrap(status: status, fields: self.fields, body: body)
        let script =
            #"/**/cb({"code": 404, "reason": "Nope \"x\"", "headers": {"Cache-Control":"no-cache, max-age=1","#
            + #""Content-Length":"22","ETag":"\"x\"","Server":"s"}, "#
            + #""body": "{\"a\":\"</script>\u2028\u2029é\"}\n\n"});"# + "\n"
        #expect(String(buffer: response.body) == script)
        #expect(response.status == .ok)
        #expect(
            response.fields
                == HTTPFields([
                    "Content-Type": "application/javascript", "Set-Cookie": "a=1", "Set-Cookie": "b=2",
                    "Cache-Control": "no-cache", "Cache-Control": "max-age=1",
                    "Content-Length": String(script.utf8.count),
                ])
        )
    }

    // RT8
    @Test(
        "that is the body in basic mode, without one newline at its end",
        arguments: [
            ("{\"a\":1}\n", "{\"a\":1}"), ("{}\n\n", "{}\n"), ("", ""), ("\n", ""), ("\"\u{2028}\"", #""\u2028""#),
        ]
    )
    func basic(body: String, argument: String) throws {
        let response = try self.wrapper(.basic).wrap(status: .notFound, fields: [:], body: ByteBuffer(string: body))
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == "/**/cb(\(argument));\n")
    }

    @Test("with the usual reason where there is none", arguments: [(200, "OK"), (418, "Undefined Reason")])
    func reason(code: Int, reason: String) throws {
        let status = HTTPResponse.Status(code: code)
        let response = try self.wrapper(.extended).wrap(status: status, fields: [:], body: ByteBuffer())
        let object = #"{"code": \#(code), "reason": "\#(reason)", "headers": {}, "body": ""}"#
        #expect(String(buffer: response.body) == "/**/cb(\(object));\n")
    }

    @Test("unless the body is no text")
    func notText() throws {
        let body = ByteBuffer(bytes: [0xFF, 0xFE, 0])
        let response = try self.wrapper(.extended).wrap(status: .ok, fields: [:], body: body)
        #expect(response.status == .internalServerError)
        #expect(String(buffer: response.body) == "Upstream response could not be JSON-P encoded.\n")
        #expect(response.fields[.contentType] == "text/plain")
    }

    @Test(
        "that calls only a function with a name",
        arguments: [
            "a", "$", "_1", "a.b.c", "a[0]", "a[12][3].b", "jQuery112_34", "angular.callbacks._0",
            String(repeating: "a", count: 128),
        ]
    )
    func names(name: String) { #expect(JSONPCallback(name)?.name == name) }

    @Test(
        "and nothing else",
        arguments: [
            "", "1a", ".a", "a.", "a..b", "a.1", "a[", "a[]", "a[x]", "a[0", "a]", "a[0]b", "a[-1]", "[0]", "a.[0]",
            "a[0][", "a(b)", "a b", " a", "a\n", "alert(1)//", "a;b", "a\"b", "a['x']", "a[\"x\"]", "a-b", "a/b", "<a>",
            "é", "a\u{301}", "a\u{2028}", "a\u{0}", "aｂ", String(repeating: "a", count: 129),
        ]
    )
    func noNames(name: String) { #expect(JSONPCallback(name) == nil) }

    @Test("whose object says what the response was, whatever that is")
    func roundTrip() throws {
        var input = HostileBytes(
            seed: 8,
            seeds: ["{\"a\":\"b\"}", "hello\u{2028}world", "<!--<script>"],
            pieces: ["\"", "\\", "\u{2028}", "\u{2029}", "\n", "\r", "\u{0}", "*/", "</script>", "é", "\u{7f}", ");"]
        )
        let wrapper = try self.wrapper(.extended)
        var wrapped = 0
        for _ in 0..<10_000 {
            let bytes = input.next()
            let fields = HTTPFields(["X-A": input.nextText()])
            let response = wrapper.wrap(status: .accepted, fields: fields, body: ByteBuffer(bytes: bytes))
            guard let text = String(validating: bytes, as: UTF8.self) else {
                #expect(response.status == .internalServerError)
                continue
            }
            wrapped += 1
            let script = String(buffer: response.body)
            #expect(script.utf8.starts(with: "/**/cb(".utf8) && script.hasSuffix(");\n"))
            #expect(!script.unicodeScalars.contains { $0 == "\u{2028}" || $0 == "\u{2029}" })
            // Nothing ends the line before the call does.
            #expect(script.utf8.filter { $0 == 0x0A || $0 == 0x0D }.count == 1)
            let json = try JSONValue(parsing: String(decoding: script.utf8.dropFirst(7).dropLast(3), as: UTF8.self))
            #expect(json["code"] == .integer(202) && json["reason"] == .string("Accepted"))
            #expect(json["body"]?.string?.utf8.elementsEqual(text.utf8) ?? false)
            #expect(json["headers"]?["X-A"]?.string?.utf8.elementsEqual((fields.first?.value ?? "").utf8) ?? false)
        }
        #expect(wrapped > 1000)
    }
}
