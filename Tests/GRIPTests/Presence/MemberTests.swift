import GRIP
import Testing

@Suite("Members") struct MemberTests {
    @Test(
        "A key and an info that a header carries are accepted",
        arguments: [
            ("a", nil), ("a b", ""), (" edge ", " "), ("a,b;c=\"d\"\\", #"{"name":"A, \"B\"; c"}"#), ("größe", "日本"),
            ("\u{1F600}", "\u{A0}"),
        ]
    )
    func accepted(key: String, info: String?) throws {
        let member = try GRIPMember(key, info: info)
        #expect(member.key == key)
        #expect(member.info == info)
    }

    @Test("Others are refused", arguments: ["", "a\n", "\0", "a\tb", "\u{7F}", String(repeating: "é", count: 129)])
    func refusedKey(key: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPMember(key) }
        #expect(error?.code == .member)
    }

    @Test("Others are refused", arguments: ["\n", "{\t}", "\r", "\0", String(repeating: "x", count: 1025)])
    func refusedInfo(info: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPMember("a", info: info) }
        #expect(error?.code == .member)
    }

    @Test("The limits are in bytes, and are reached")
    func limits() throws {
        #expect(try GRIPMember(String(repeating: "é", count: 128)).key.utf8.count == 256)
        #expect(try GRIPMember("a", info: String(repeating: "é", count: 512)).info?.utf8.count == 1024)
    }

    @Test("Texts that only look the same are different members")
    func bytes() throws {
        let composed = try GRIPMember("\u{E9}", info: "\u{E9}")
        #expect(composed != (try GRIPMember("e\u{301}", info: "\u{E9}")))
        #expect(composed != (try GRIPMember("\u{E9}", info: "e\u{301}")))
        #expect(composed != (try GRIPMember("\u{E9}")))
        #expect(composed == (try GRIPMember("\u{E9}", info: "\u{E9}")))
        #expect(Set([composed, try GRIPMember("e\u{301}", info: "\u{E9}")]).count == 2)
    }
}
