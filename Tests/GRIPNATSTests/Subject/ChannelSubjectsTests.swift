import GRIPNATS
import NIOCore
import TestSupport
import Testing

@Suite("Subjects of channels")
struct ChannelSubjectsTests {
    private let subjects: ChannelSubjects

    init() throws { self.subjects = try ChannelSubjects(prefix: "grip.app.c") }

    @Test(arguments: [
        ("test", "test"), ("", "="), ("=", "=3D"), ("a.b", "a=2Eb"), ("a b", "a=20b"), ("*", "=2A"), (">", "=3E"),
        ("room-1_A9", "room-1_A9"), ("a\r\nPUB x 0\r\n", "a=0D=0APUB=20x=200=0D=0A"), ("é", "=C3=A9"), ("\u{0}", "=00"),
        ("=41", "=3D41"), ("=h", "=3Dh"),
    ])
    func golden(channel: String, token: String) throws {
        #expect(ChannelSubjects.token(of: channel) == token)
        let subject = self.subjects.subject(of: channel)
        #expect(subject.text == "grip.app.c.\(token)")
        #expect(try GRIPNATSSubject(subject.text) == subject)
        #expect(self.subjects.channel(of: ByteBuffer(string: subject.text)) == channel)
    }

    @Test func longNamesAreHashes() throws {
        let longest = String(repeating: "a", count: 1024)
        #expect(ChannelSubjects.token(of: longest) == longest)
        #expect(ChannelSubjects.token(of: longest + "a").hasPrefix("=h"))
        #expect(ChannelSubjects.token(of: longest + "a").utf8.count == 66)
        #expect(ChannelSubjects.token(of: longest + "a") != ChannelSubjects.token(of: longest + "b"))
        let escaped = String(repeating: " ", count: 341)
        #expect(ChannelSubjects.token(of: escaped).utf8.count == 1023)
        #expect(ChannelSubjects.token(of: escaped + " ").hasPrefix("=h"))
        // The hash of what `printf '%0*d' 1025 0 | sha256sum` says of 1,025 zeros.
        let zeros = String(repeating: "0", count: 1025)
        #expect(
            ChannelSubjects.token(of: zeros) == "=h959fa8ba78fc16f09bb5ecba70627528e437233595c9f858d2697d2512060cee"
        )
        #expect(self.subjects.channel(of: ByteBuffer(string: self.subjects.subject(of: zeros).text)) == nil)
    }

    @Test(arguments: [
        "grip.app.c.", "grip.app.c", "grip.app.d.a", "grip.app.c.a.b", "grip.app.c.=4", "grip.app.c.=4g",
        "grip.app.c.=2a",
        "grip.app.c.=41", "grip.app.c.a=", "grip.app.c.=FF", "grip.app.c.a b", "grip.app.c.==",
    ])
    func otherSubjectsStandForNoChannel(subject: String) {
        #expect(self.subjects.channel(of: ByteBuffer(string: subject)) == nil)
    }

    @Test func everyNameComesBack() {
        var hostile = HostileBytes(
            seed: 11,
            seeds: ["room-1", "a.b.c", "=2E", "Größe", "\r\nPUB a 1\r\n"],
            pieces: [".", "*", ">", "=", "=h", " ", "\r\n", "\u{0}", "é", "🚀", "A", "=20"]
        )
        var tokens: [String: String] = [:]
        for _ in 0..<20_000 {
            let name = hostile.nextText()
            let token = ChannelSubjects.token(of: name)
            #expect(ChannelSubjects.channel(ofToken: Array(token.utf8)) == name)
            if let other = tokens.updateValue(name, forKey: token) { #expect(other.utf8.elementsEqual(name.utf8)) }
        }
    }

    @Test func everySubjectFitsIntoALine() throws {
        let prefix = try GRIPNATSSubject(String(repeating: "p", count: 256))
        let subjects = try ChannelSubjects(prefix: prefix)
        let subject = subjects.subject(of: String(repeating: "a", count: 1024))
        #expect(try GRIPNATSSubject(subject.text) == subject)
        #expect(throws: GRIPNATSError.self) { try ChannelSubjects(prefix: GRIPNATSSubject(prefix.text + "p")) }
    }
}
