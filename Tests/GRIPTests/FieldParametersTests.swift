import Testing

@testable import GRIP

@Suite struct FieldParametersTests {
    @Test(arguments: [
        ([], []),
        ([""], []),
        (["a"], ["a"]),
        (["a,b", "c"], ["a", "b", "c"]),
        ([" a , b\t"], ["a", "b"]),
        (["a,"], ["a"]),
        (["a, "], ["a"]),
        ([",a"], ["", "a"]),
        (["a,,b"], ["a", "", "b"]),
        (["\"a,b\",c"], ["\"a,b\"", "c"]),
        (["\"a\\\",b\",c"], ["\"a\\\",b\"", "c"]),
        (["a\\,b"], ["a\\", "b"]),
        (["a,\"b,c"], ["a", "\"b,c"]),
        (["a,\"b\\"], ["a", "\"b\\"]),
        (["a,\"", "b"], ["a", "\"", "b"]),
    ])
    func aListIsSplitAtCommasOutsideQuotes(lines: [String], elements: [String]) {
        #expect(FieldParameters.elements(of: lines).map(String.init) == elements)
    }

    @Test(arguments: [
        ("a", "a=nil"), ("a=", "a="), ("a=b", "a=b"), (" a = b ; c", "a=b|c=nil"), ("a==b", "a==b"),
        ("a=\"b;c\" junk; d=e", "a='b;c'|d=e"), ("a=\"\\\"\\\\\\x\"", "a='\"\\x'"), ("a= \"b\"", "a=\"b\""),
        (";;a;", "a=nil"), ("=b", "=b"), ("a=\"\"", "a=''"), ("", ""),
    ])
    func parametersAreReadAsProxiesReadThem(text: String, expected: String) throws {
        let parameters = try #require(FieldParameters.parse(Substring(text)))
        let written = parameters.map { name, value, isQuoted in
            "\(name)=\(value.map { isQuoted ? "'\($0)'" : $0 } ?? "nil")"
        }
        #expect(written.joined(separator: "|") == expected)
    }

    @Test(arguments: ["a=\"", "a=\"b", "a=\"b\\", "a=\"b\\\"", "x; a=\"b"])
    func anOpenQuoteMakesTheElementInvalid(text: String) {
        #expect(FieldParameters.parse(Substring(text)) == nil)
    }

    @Test func theFirstValueIsOpaqueUpToTheSemicolon() throws {
        let (first, parameters) = try #require(FieldParameters.parse(opaqueFirst: " \"a=1\\ ; b=\"c\""))
        #expect(first == "\"a=1\\")
        #expect(parameters.map(\.name) == ["b"])
        #expect(FieldParameters.parse(opaqueFirst: "\"a;b\"")?.first == "\"a")
    }

    @Test func aParameterIsFoundWhateverTheCaseOfItsName() throws {
        let parameters = try #require(FieldParameters.parse("Prev-ID=1; prev-id=2"))
        #expect(parameters.first(named: "prev-id")?.value == "1")
        #expect(parameters.first(named: "prev") == nil)
    }

    @Test(arguments: [
        ("0", 0), ("-1", -1), ("+7", 7), (" 12\t", 12), ("007", 7), ("2147483647", 2_147_483_647),
        ("-2147483648", -2_147_483_648),
    ])
    func anIntegerMayHaveASignAndBlanksAround(text: String, value: Int) {
        #expect(FieldParameters.integer(text) == value)
    }

    @Test(arguments: ["", " ", "abc", "1x", "1 2", "0x10", "1.0", "2147483648", "-2147483649", "--1", "+", "１", "1e3"])
    func whatIsNoIntegerOf32BitsIsNone(text: String) {
        #expect(FieldParameters.integer(text) == nil)
    }

    @Test(arguments: ["", "a", "2,3", "\"\"", "a b", "a;b", "\\", "a\\\"b", "é,ü", "=", "a=b", "\u{301}x", "\"\u{301}"])
    func anEncodedValueIsReadBack(value: String) throws {
        for encoded in [FieldParameters.encodeValue(value), FieldParameters.quote(value)] {
            let parameters = try #require(FieldParameters.parse("name=\(encoded); next=1"))
            #expect(parameters.map(\.value) == [value, "1"])
            #expect(FieldParameters.elements(of: ["name=\(encoded), x"]).count == 2)
        }
    }
}
