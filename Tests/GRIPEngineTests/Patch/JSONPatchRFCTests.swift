import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("A JSON patch does what RFC 6902 says")
struct JSONPatchRFCTests {
    private func apply(_ patch: String, to document: String) throws -> String {
        let operations = try JSONValue(parsing: patch).array ?? []
        return String(buffer: try GRIPJSONPatch(unchecked: operations).apply(to: ByteBuffer(string: document)))
    }

    @Test(
        "The examples of appendix A that succeed",
        arguments: [
            ("A.1", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"foo":"bar","baz":"qux"}"#),
            (
                "A.2", #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
                #"{"foo":["bar","qux","baz"]}"#
            ),
            ("A.3", #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
            (
                "A.4", #"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#,
                #"{"foo":["bar","baz"]}"#
            ),
            (
                "A.5", #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
                #"{"baz":"boo","foo":"bar"}"#
            ),
            (
                "A.6", #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
                #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
                #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
            ),
            (
                "A.7", #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
                #"{"foo":["all","cows","eat","grass"]}"#
            ),
            (
                "A.8", #"{"baz":"qux","foo":["a",2,"c"]}"#,
                #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
                #"{"baz":"qux","foo":["a",2,"c"]}"#
            ),
            (
                "A.10", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
                #"{"foo":"bar","child":{"grandchild":{}}}"#
            ),
            (
                "A.11", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
                #"{"foo":"bar","baz":"qux"}"#
            ),
            (
                "A.14", #"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#
            ),
            (
                "A.16", #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
                #"{"foo":["bar",["abc","def"]]}"#
            ),
        ]
    )
    func appendixA(example: String, document: String, patch: String, result: String) throws {
        #expect(try self.apply(patch, to: document) == result)
    }

    @Test(
        "The examples of appendix A that fail",
        arguments: [
            ("A.9", #"{"baz":"qux"}"#, #"[{"op":"test","path":"/baz","value":"bar"}]"#, .testFailed),
            ("A.12", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, .pathNotFound),
            ("A.15", #"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":"10"}]"#, .testFailed),
        ] as [(String, String, String, JSONPatchError.Reason)]
    )
    func appendixAErrors(example: String, document: String, patch: String, reason: JSONPatchError.Reason) {
        #expect(throws: JSONPatchError(operation: 0, reason)) { try self.apply(patch, to: document) }
    }

    /// Of two members "op" the last counts, as everywhere in GRIP; the RFC leaves that to the reader of JSON (A.13).
    @Test("Of two operations in one the last counts")
    func appendixA13() throws {
        let patch = #"[{"op":"add","path":"/baz","value":"qux","op":"remove"}]"#
        #expect(try self.apply(patch, to: #"{"baz":1,"foo":2}"#) == #"{"foo":2}"#)
    }

    @Test(
        "Pointers are those of RFC 6901",
        arguments: [
            ("", #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#),
            ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"),
            ("/e^f", "3"), ("/g|h", "4"), (#"/i\\j"#, "5"), (#"/k\"l"#, "6"), ("/ ", "7"), ("/m~0n", "8"),
        ]
    )
    func pointers(pointer: String, value: String) throws {
        let document = #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#
        let patch =
            #"[{"op":"test","path":"\#(pointer)","value":\#(value)},{"op":"copy","from":"\#(pointer)","path":""}]"#
        #expect(try self.apply(patch, to: document) == value)
    }

    @Test(
        "Each operation at the root, at the ends of arrays and at members that exist",
        arguments: [
            ("[1]", #"[{"op":"add","path":"","value":{"a":1}}]"#, #"{"a":1}"#),
            ("[1]", #"[{"op":"replace","path":"","value":null}]"#, "null"),
            ("[1,2]", #"[{"op":"add","path":"/2","value":3}]"#, "[1,2,3]"),
            ("[1,2]", #"[{"op":"add","path":"/0","value":0}]"#, "[0,1,2]"),
            ("[]", #"[{"op":"add","path":"/0","value":0},{"op":"add","path":"/-","value":1}]"#, "[0,1]"),
            (#"{"a":1,"b":2}"#, #"[{"op":"add","path":"/a","value":3}]"#, #"{"a":3,"b":2}"#),
            (#"{"a":1,"b":2}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":1,"b":2}"#),
            (#"{"a":1,"b":2}"#, #"[{"op":"move","from":"/a","path":"/b"}]"#, #"{"b":1}"#),
            (#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a/b","path":""}]"#, "1"),
            (#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a/b","path":"/a"}]"#, #"{"a":1}"#),
            (#"{"a":[]}"#, #"[{"op":"copy","from":"","path":"/a/0"}]"#, #"{"a":[{"a":[]}]}"#),
            (
                #"{"a":1}"#, #"[{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/b","value":2}]"#,
                #"{"a":1,"b":2}"#
            ),
            (#"{"":{"":1}}"#, #"[{"op":"replace","path":"//","value":2}]"#, #"{"":{"":2}}"#),
            (#"{"a":null}"#, #"[{"op":"test","path":"/a","value":null}]"#, #"{"a":null}"#),
            (#"{"0":1,"-":2}"#, #"[{"op":"remove","path":"/-"},{"op":"replace","path":"/0","value":3}]"#, #"{"0":3}"#),
            ("[1]", "[]", "[1]"), ("3", "[]", "3"),
            (
                #"{"\u00e9":1,"e\u0301":2}"#, #"[{"op":"replace","path":"/e\u0301","value":3}]"#,
                "{\"\u{E9}\":1,\"e\u{301}\":3}"
            ),
        ]
    )
    func operations(document: String, patch: String, result: String) throws {
        let patched = try self.apply(patch, to: document)
        #expect(patched.utf8.elementsEqual(result.utf8), "\(patched)")
    }

    @Test(
        "A test compares numbers by value and objects in any order",
        arguments: [
            ("1", "1.0", true), ("100", "1e2", true), ("1.5", "15e-1", true), ("0", "-0.0", true), ("1", "1.4", false),
            ("1", "true", false), ("1", "\"1\"", false), ("null", "false", false), ("-1", "1", false),
            ("9007199254740993", "9007199254740992", false), ("0.1", "0.10", true), ("1e400", "1", false),
            ("123456789012345678901234567890", "123456789012345678901234567890", true),
            (#"{"a":1,"b":[2]}"#, #"{"b":[2.0],"a":1}"#, true), (#"{"a":1}"#, #"{"a":1,"b":2}"#, false),
            (#"{"a":1,"b":2}"#, #"{"a":1,"c":2}"#, false), ("[1,2]", "[2,1]", false), ("[1]", "[1,2]", false),
            ("{}", "[]", false), ("\"\\u00e9\"", "\"\u{E9}\"", true), ("\"\u{E9}\"", "\"e\u{301}\"", false),
        ]
    )
    func equality(held: String, tested: String, isEqual: Bool) {
        let patch = #"[{"op":"test","path":"/0","value":\#(tested)}]"#
        if isEqual {
            #expect(throws: Never.self) { try self.apply(patch, to: "[\(held)]") }
        } else {
            #expect(throws: JSONPatchError(operation: 0, .testFailed)) { try self.apply(patch, to: "[\(held)]") }
        }
    }
}
