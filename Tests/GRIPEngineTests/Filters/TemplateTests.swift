import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("Templates in content")
struct TemplateTests {
    private func substitute(_ text: String, _ values: [String: String]) -> FilterOutcome {
        FilterChain([.substituteVariables])
            .apply(to: ByteBuffer(string: text), context: FilterContext(subscriptionMeta: values))
    }

    private func buildID(_ text: String, _ meta: [String: String], ids: [String: String] = [:]) -> FilterOutcome {
        let context = FilterContext(subscriptionMeta: meta, channelIDs: ids)
        return FilterChain([.buildID]).apply(to: ByteBuffer(string: text), context: context)
    }

    @Test(
        "var-subst puts values for names",
        arguments: [
            ("%(name)s", "bob"), ("<%(name)s|%(name)s>", "<bob|bob>"), ("100%% %(name)s", "100% bob"), ("%%", "%"),
            ("%%(name)s", "%(name)s"), ("%(empty)s", ""), ("%(a\\)b\\\\c)s", "escaped"), ("%(n\\ame)s", "bob"),
            ("日本 %(名)s", "日本 本"), ("%(directive)s", "%(name)s"), ("%()s", "no name"),
        ]
    )
    func variables(template: String, result: String) {
        let values = [
            "name": "bob", "empty": "", "a)b\\c": "escaped", "名": "本", "directive": "%(name)s", "": "no name",
        ]
        #expect(self.substitute(template, values) == .replaced(ByteBuffer(string: result)))
    }

    @Test(
        "What is no directive fails, and says where",
        arguments: [
            ("ab%", "the directive at byte 2 is not finished"), ("%(", "the directive at byte 0 is not finished"),
            ("%(name", "the directive at byte 0 is not finished"),
            ("%(name)", "the directive at byte 0 is not finished"),
            ("%(name\\", "the directive at byte 0 is not finished"),
            ("%(name\\)s", "the directive at byte 0 is not finished"),
            ("%% % ", "there is no directive after the '%' at byte 3"),
            ("%1", "there is no directive after the '%' at byte 0"),
            ("%(name)%", "there is no directive after the '%' at byte 0"),
            ("%é", "there is no directive after the '%' at byte 0"),
            ("a %d", "the directive at byte 2 is unknown"), ("%(name)I", "the directive at byte 0 is unknown"),
            ("%s", "the directive at byte 0 needs a name in parentheses"),
            ("é%(secret)s", "the directive at byte 2 names an unknown variable"),
        ]
    )
    func mistakes(template: String, reason: String) {
        #expect(self.substitute(template, ["name": "bob"]) == .failed("var-subst: \(reason)"))
    }

    @Test(
        "build-id puts ids (FR5)",
        arguments: [
            ("The ID is %I.", nil, "The ID is C3PO."), ("The ID is %I.", "hex", "The ID is 4333504f."),
            ("The ID is %(R2D2)I.", nil, "The ID is R2D2."), ("The ID is %(R2D2)I.", "hex", "The ID is 52324432."),
            ("%I%I%%", nil, "C3POC3PO%"), ("%()I", nil, ""),
            ("%I %I", "hex", "4333504f 4333504f"),
        ] as [(String, String?, String)]
    )
    func ids(template: String, encoding: String?, result: String) {
        var meta = ["id_format": "%(c)s"]
        meta["id_encoding"] = encoding
        #expect(self.buildID(template, meta, ids: ["c": "C3PO"]) == .replaced(ByteBuffer(string: result)))
    }

    @Test("An id is built from the ids of channels (FR6)")
    func idFormats() {
        let format = "My name is %(name)s and I eat %(food\\\\fruit(type\\))s 10%% of the time."
        let ids = ["name": "Alice", "food\\fruit(type)": "apples"]
        let result = ByteBuffer(string: "My name is Alice and I eat apples 10% of the time.")
        #expect(self.buildID("%I", ["id_format": format], ids: ids) == .replaced(result))
        #expect(self.buildID("%I", ["id_format": "constant"]) == .replaced(ByteBuffer(string: "constant")))
    }

    @Test("An id that cannot be built fails where it is needed")
    func unknownIDs() {
        let meta = ["id_format": "%(other)s"]
        let reason = "build-id: the id for the directive at byte 2 cannot be made from 'id_format'"
        #expect(self.buildID("a %I", meta, ids: ["c": "1"]) == .failed(reason))
        #expect(self.buildID("a %(x)I", meta) == .replaced(ByteBuffer(string: "a x")))
        #expect(self.buildID("a", meta) == .unchanged)
        #expect(self.buildID("a", [:]) == .failed("build-id: the subscription has no meta 'id_format'"))
        let unknown = ["id_format": "x", "id_encoding": "base64"]
        #expect(self.buildID("a", unknown) == .failed("build-id: the meta 'id_encoding' is not 'hex'"))
    }

    @Test("Bytes that are no text stay what they are")
    func bytes() {
        let noise = (0...255).map { UInt8($0) }.filter { $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: ")") }
        let argument = noise.filter { $0 != UInt8(ascii: "\\") }
        let template = noise + Array("%(".utf8) + argument + Array(")I".utf8) + noise
        let context = FilterContext(subscriptionMeta: ["id_format": ""])
        let outcome = FilterChain([.buildID]).apply(to: ByteBuffer(bytes: template), context: context)
        #expect(outcome == .replaced(ByteBuffer(bytes: noise + argument + noise)))
    }

    @Test("Content grows by a megabyte at most")
    func growth() {
        let value = String(repeating: "x", count: 10_000)
        let fits = String(repeating: "%(v)s", count: 99)
        let tooLarge = String(repeating: "%(v)s", count: 500_000)
        #expect(
            self.substitute(fits, ["v": value]) == .replaced(ByteBuffer(repeating: UInt8(ascii: "x"), count: 990_000))
        )
        #expect(self.substitute(tooLarge, ["v": value]) == .failed("var-subst: the result is too large"))
        let format = String(repeating: "%(v)s", count: 1000)
        let failure = "build-id: the id for the directive at byte 0 cannot be made from 'id_format'"
        #expect(self.buildID("%I", ["id_format": format], ids: ["v": value]) == .failed(failure))
    }

    @Test("A directive has a few thousand bytes at most")
    func length() {
        let long = String(repeating: "x", count: 4000)
        #expect(self.buildID("%(\(long))I", ["id_format": ""]) == .replaced(ByteBuffer(string: long)))
        let tooLong = "build-id: the directive at byte 0 is too long"
        #expect(self.buildID("%(\(long + long))I", ["id_format": ""]) == .failed(tooLong))
    }

    /// Renders a template of `var-subst` as its grammar says, character by character.
    private static func expected(_ template: [UInt8], _ values: [String: String]) -> [UInt8]? {
        var rest = template[...]
        var output: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                output.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "%"): output.append(UInt8(ascii: "%"))
            case UInt8(ascii: "("):
                var name: [UInt8] = []
                while let next = rest.popFirst(), next != UInt8(ascii: ")") {
                    if next != UInt8(ascii: "\\") { name.append(next) } else { rest.popFirst().map { name.append($0) } }
                    if rest.isEmpty { return nil }
                }
                guard rest.popFirst() == UInt8(ascii: "s"), let value = values[String(decoding: name, as: UTF8.self)]
                else {
                    return nil
                }
                output += value.utf8
            default: return nil
            }
        }
        return output
    }

    @Test("Random templates are rendered as the grammar says, or fail")
    func fuzz() {
        var random = SplitMix64(seed: 11)
        let pieces = ["%", "%", "(", ")", "\\", "s", "a", "%(a)s", "%(b)s", "%%", "x", "%(", ")s", "I", "é", "%(\\a)s"]
        let values = ["a": "1", "b": "%", "": "e", "x": "(x)"]
        var rendered = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...7, using: &random)
            let template = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let expected = Self.expected(Array(template.utf8), values)
            switch self.substitute(template, values) {
            case .unchanged: #expect(!template.contains("%"))
            case .replaced(let result):
                rendered += 1
                #expect(Array(result.readableBytesView) == expected, "\(template)")
            case .failed: #expect(expected == nil, "\(template)")
            case .dropped: Issue.record("a template drops nothing")
            }
        }
        #expect(rendered > 1000)
    }
}
