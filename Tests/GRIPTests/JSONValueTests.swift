import Foundation
import NIOCore
import Testing

@testable import GRIP

@Suite struct JSONValueTests {
    private func written(_ value: JSONValue) -> String {
        var writer = JSONWriter()
        writer.value(value)
        return writer.buffer.text
    }

    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
        ("-0", .integer(0)), ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .double(9.223372036854775808e18)),
        ("1.5", .double(1.5)), ("-1.5e-3", .double(-0.0015)), ("1E+2", .double(100)), ("1e2", .double(100)),
        ("0.0", .double(0)), ("1e-400", .double(0)), ("\"\"", .string("")), ("\"a\"", .string("a")), ("[]", .array([])),
        ("{}", .object(JSONObject())), ("\t[ 1 ,\r\n 2 ]\n", .array([.integer(1), .integer(2)])),
        ("{ \"a\" : [ { } ] }", .object(JSONObject(members: [.init("a", .array([.object(JSONObject())]))]))),
    ])
    func valuesAreRead(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
        #expect(try JSONValue(parsing: self.written(value)) == value)
    }

    @Test(arguments: [
        ("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\u{8}\u{C}\n\r\t"), ("\\u0041\\u00e9\\u00E9", "Aéé"), ("\\u0000", "\0"),
        ("\\ud83d\\ude00", "\u{1F600}"), ("\\uD800\\uDC00", "\u{10000}"), ("\\udbff\\udfff", "\u{10FFFF}"),
        ("日本", "日本"), ("\u{7F}\u{80}", "\u{7F}\u{80}"), ("\\uffff", "\u{FFFF}"), ("a\\u005cn", "a\\n"), ("/", "/"),
    ])
    func escapesAreRead(text: String, value: String) throws {
        #expect(try JSONValue(parsing: "\"\(text)\"") == .string(value))
        #expect(try JSONValue(parsing: self.written(.string(value))) == .string(value))
    }

    @Test(arguments: [
        "", " ", "tru", "True", "nul", "nulll", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1.e1", "1e",
        "1e+",
        "0x10", "1_0", "1 2", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:2}", "[1}", "{\"a\":1]", "\"", "\"a", "\"\\",
        "\"\\\"",
        "'a'", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "\"\t\"", "\"\0\"", "\"\\n\u{1}\"", "// c\n1",
        "/* c */1", "1,", " \u{FEFF}1", "\u{FEFF}\u{FEFF}1", "1\u{FEFF}", "\u{FEFF}", "\u{A0}1", "[1]x", "nulL",
        "1e400", "-1e400", "１",
    ])
    func whatIsNotJSONIsRefused(text: String) {
        let error = #expect(throws: GRIPError.self) { try JSONValue(parsing: text) }
        #expect(error?.code == .json)
    }

    @Test(arguments: [
        ("\\ud800", "\u{FFFD}"), ("a\\ud83d", "a\u{FFFD}"), ("a\\ud83db", "a\u{FFFD}b"), ("\\ud800\\n", "\u{FFFD}\n"),
        ("\\ud800\\u0041", "\u{FFFD}A"), ("\\ud800\\ud800", "\u{FFFD}\u{FFFD}"), ("\\udc00", "\u{FFFD}"),
        ("\\udfff\\ud800", "\u{FFFD}\u{FFFD}"), ("\\ud83d\\ud83d\\ude00", "\u{FFFD}\u{1F600}"),
        ("\\ud83d\\ude00\\ude00", "\u{1F600}\u{FFFD}"), ("\\uDBFF\\\\", "\u{FFFD}\\"),
        ("\\ud83dé\\uDE00", "\u{FFFD}é\u{FFFD}"),
    ])
    func halfASurrogatePairIsReplaced(text: String, value: String) throws {
        #expect(try JSONValue(parsing: "\"\(text)\"") == .string(value))
        let object = try JSONValue(verbatim: ByteBuffer(string: "{\"\(text)\":[\"\(text)\"]}"))
        #expect(object[value]?.array == [.string(value)])
    }

    @Test(arguments: ["\\ud83d\\u", "\\ud83d\\", "\\ud83d\\u12", "\\ud83d\\ug000", "\\ud83d\\x"])
    func whatFollowsHalfASurrogatePairMustStillBeJSON(text: String) {
        #expect(throws: GRIPError.self) { try JSONValue(parsing: "\"\(text)\"") }
    }

    @Test(arguments: ["1", " [1] ", "{\"a\":\"\u{FEFF}\"}", "\"\u{FEFF}\""])
    func aByteOrderMarkAtTheStartIsSkipped(text: String) throws {
        #expect(try JSONValue(parsing: "\u{FEFF}\(text)") == JSONValue(parsing: text))
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xE2, 0x82],
        ] as [[UInt8]]
    )
    func whatIsNotUTF8IsRefused(bytes: [UInt8]) {
        for prefix in ["\"", "\"\\n", "{\"", ""] {
            let text = Array(prefix.utf8) + bytes + Array("\"".utf8)
            #expect(throws: GRIPError.self) { try JSONValue(parsing: ByteBuffer(bytes: text)) }
        }
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")])
    func nestingIsBounded(open: String, close: String) throws {
        let levels = open.hasPrefix("[{") ? 2 : 1
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth / levels) + "1" + String(repeating: close, count: depth / levels)
        }
        let depth = JSONParser.maximumDepth
        #expect(try self.written(JSONValue(parsing: nested(depth))) == nested(depth))
        #expect(throws: GRIPError.self) { try JSONValue(parsing: nested(depth + levels)) }
        #expect(throws: GRIPError.self) { try JSONValue(parsing: String(repeating: open, count: 500_000)) }
    }

    @Test(arguments: [2, 8, 9, 100])
    func ofEqualNamesTheLastCountsAtThePlaceOfTheFirst(count: Int) throws {
        let others = (1..<count).map { "\"k\($0)\":\($0)" }
        let text = "{\"a\":1,\(others.joined(separator: ",")),\"a\":2}"
        let object = try #require(try JSONValue(parsing: text).object)
        #expect(object.members.count == count)
        #expect(object.members.first?.key == "a")
        #expect(object["a"] == .integer(2))
        #expect(object["k1"] == .integer(1))
        #expect(object["missing"] == nil)
    }

    @Test(arguments: [1, 20])
    func namesThatOnlyLookTheSameAreDifferent(count: Int) throws {
        let others = (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",")
        let object = try #require(try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2,\(others)}").object)
        #expect(object.members.count == count + 2)
        #expect(object["\u{E9}"] == .integer(1))
        #expect(object["e\u{301}"] == .integer(2))
    }

    @Test func numbersKeepTheirTextWhereThatIsAskedFor() throws {
        let text = "[0,-0,0.10,1E+2,1e400,-1e-400,123456789012345678901234567890,{\"a\":1}]"
        let value = try JSONValue(verbatim: ByteBuffer(string: text))
        #expect(self.written(value) == text)
        #expect(value.array?.map(\.convertedToInteger) == [0, 0, 0, 100, nil, 0, nil, nil])
        for text in ["01", "1.", "+1", ".5", "1e", "-"] {
            #expect(throws: GRIPError.self) { try JSONValue(verbatim: ByteBuffer(string: text)) }
        }
    }

    @Test func membersAreSetTakenAndChangedInPlace() {
        var object = JSONObject(members: [.init("a", .integer(1)), .init("b", .integer(2))])
        object.set("a", .integer(3))
        object.set("c", .null)
        #expect(object.members.map(\.key) == ["a", "b", "c"])
        #expect(object.remove(at: 1) == .integer(2))
        #expect(object.index(of: "c") == 1)
        object.change(at: 1) { $0 = .bool(true) }
        #expect(self.written(.object(object)) == "{\"a\":3,\"c\":true}")
    }

    @Test func membersKeepTheirOrder() throws {
        let text = "{\"z\":1,\"a\":{\"y\":2,\"b\":[true,null,\"\"]}}"
        #expect(try self.written(JSONValue(parsing: text)) == text)
    }

    @Test(arguments: [
        ("1", 1), ("1.5", 2), ("-1.4", -1), ("true", 1), ("false", 0), ("\"12\"", 12), ("\"x\"", 0), ("\"\"", 0),
        ("null", nil), ("[1]", nil), ("{}", nil), ("1e300", nil), ("-1e300", nil),
    ])
    func integersAreConvertedGenerously(text: String, value: Int?) throws {
        #expect(try JSONValue(parsing: text).convertedToInteger == value)
    }

    @Test func whatIsWrittenIsReadByFoundationToo() throws {
        let text = String(String.UnicodeScalarView((0...0x2FF).compactMap { Unicode.Scalar($0 as UInt32) }))
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("text", text)
            writer.member("number", -3)
            writer.member("flag", false)
            writer.key(escaping: "\"\n")
            writer.array { writer in
                writer.null()
                writer.base64(ByteBuffer(bytes: [0, 255]))
                writer.array { _ in }
                writer.object { _ in }
            }
        }
        let object = try JSONSerialization.jsonObject(with: Data(writer.buffer.readableBytesView)) as? [String: Any]
        #expect(object?["text"] as? String == text)
        #expect(object?["number"] as? Int == -3)
        #expect((object?["\"\n"] as? [Any])?.count == 4)
    }

    @Test func numbersAreWrittenSoThatTheyAreReadBack() throws {
        var generator = SplitMix64(seed: 17)
        for _ in 0..<5000 {
            let double = Double(bitPattern: generator.next())
            guard double.isFinite else { continue }
            #expect(try JSONValue(parsing: self.written(.double(double))) == .double(double))
        }
    }
}
