import GRIPNATS
import Testing

@Suite("Subjects")
struct SubjectTests {
    @Test(arguments: [
        "a", "a.b", "orders.créés", "$SYS.REQ", "_INBOX.x.1", "a=20b", String(repeating: "a", count: 2000),
    ])
    func goodOnesAreTaken(text: String) throws {
        #expect(try GRIPNATSSubject(text).text == text)
        #expect(try GRIPNATSSubjectPattern(text).text == text)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "a b", "a\tb", "a\r\nPUB x 0", "a\n", "a\u{0}", "a\u{7F}", " a", "a ", "a.*", "*",
        ">",
        "a.>", "a*", "a>b", String(repeating: "a", count: 2001),
    ])
    func badOnesAreRefused(text: String) {
        let error = #expect(throws: GRIPNATSError.self) { try GRIPNATSSubject(text) }
        #expect(error?.code == .subject)
    }

    @Test(arguments: ["*", ">", "a.*", "*.b", "a.>", "*.*.>", "a.b"])
    func patternsHaveWildcards(text: String) throws { #expect(try GRIPNATSSubjectPattern(text).text == text) }

    @Test(arguments: ["", ">.a", "a.>.b", "a*", "*a", "a.b>", "a.>b", ">.", "*.", "**", "a b", "a\r\n", ">>"])
    func patternsWithMisplacedWildcardsAreRefused(text: String) {
        let error = #expect(throws: GRIPNATSError.self) { try GRIPNATSSubjectPattern(text) }
        #expect(error?.code == .subject)
    }

    @Test(arguments: [
        ("a.b", "a.b", true), ("a.b", "a.c", false), ("a.b", "a", false), ("a", "a.b", false), ("*", "a", true),
        ("*", "a.b", false), ("a.*", "a.b", true), ("a.*", "a", false), ("a.*.c", "a.b.c", true), (">", "a", true),
        (">", "a.b.c", true), ("a.>", "a", false), ("a.>", "a.b", true), ("a.>", "a.b.c", true), ("b.>", "a.b", false),
        ("*.>", "a", false), ("*.>", "a.b", true),
    ])
    func matching(pattern: String, subject: String, matches: Bool) throws {
        #expect(try GRIPNATSSubjectPattern(pattern).matches(GRIPNATSSubject(subject)) == matches)
    }
}
