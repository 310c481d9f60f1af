import HTTPTypes
import NIOCore
import Testing

@testable import GRIP

/// Long inputs that a parser of quadratic time would not finish in the time allowed.
@Suite(.timeLimit(.minutes(5)))
struct LinearTimeTests {
    private static let length = 100_000

    private static func long(_ piece: String) -> String {
        String(repeating: piece, count: Self.length / piece.utf8.count)
    }

    @Test(arguments: [
        ",", ";", "\"", "\\", "=", " ", "a,", "a;", "a=", "\"\\", "a=\"b\";", "a=\"b", "a=\",", "a; prev-id=1,",
        ",\" ", "\t, ",
        "a=1; b=2, ", "<a>; rel=next, ", "a; last-id=1, ", "; last-id=", "\\x41", "\u{301}", "\u{1F469}\u{200D}",
        ";a=\"\"", "é,",
    ])
    func headersAreReadInLinearTime(piece: String) throws {
        for value in [Self.long(piece), "a; b=\"" + Self.long(piece)] {
            let names: [HTTPField.Name] = [.gripChannel, .gripKeepAlive, .gripLink, .gripStatus, .gripSetMeta]
            for name in names { _ = try? GRIPInstruction(fields: [name: value]).fields }
            var written = HTTPFields()
            GRIPRequest(fields: [.gripLast: value, .gripFeature: value]).write(to: &written)
            #expect(!GRIPInstruction.isDocument([.contentType: value]))
        }
    }

    @Test(arguments: [
        "[", "{\"a\":", "\"", "\\", "\"\\", "\\u0041", "\\ud83d\\ude00", "1", "1,", "-", ".", "0e", " ", "é",
        "\"a\",", "\u{301}",
    ])
    func jsonIsReadInLinearTime(piece: String) {
        for start in ["", "[", "\"", "0.", "1e", "{\"a\":\""] {
            for end in ["", "1]", "\"", "\"}"] { _ = try? JSONValue(parsing: start + Self.long(piece) + end) }
        }
    }

    @Test func anObjectOfManyMembersIsReadInLinearTime() throws {
        let members = (0..<20_000).map { "\"\($0 % 15_000)\":\"\"" }.joined(separator: ",")
        #expect(try JSONValue(parsing: "{\(members)}").object?.members.count == 15_000)
        let document = "{\"hold\":{\"channels\":[],\"meta\":{\(members)}}}"
        #expect(try GRIPInstructDocument(json: ByteBuffer(string: document)).instruction.meta.count == 15_000)
    }

    @Test(arguments: ["/", ":", "@", "?", "#", "&", "=", "%", "%41", "+", "[", "key=&", "x&", "://", "a", "1"])
    func urlsAreReadInLinearTime(piece: String) {
        for start in ["", "http://", "http://h", "http://h:", "http://h?", "http://h?key="] {
            _ = try? GRIPProxyConfiguration(url: start + Self.long(piece)).controlURI.publishURI
        }
    }

    @Test(arguments: ["\\n", "\\", "\n", " ", "A", "=", "{"])
    func keysAreReadInLinearTime(piece: String) {
        for start in ["", "base64:", "-----BEGIN ", "{"] { _ = try? GRIPKey(start + Self.long(piece)).isSymmetric }
    }
}
