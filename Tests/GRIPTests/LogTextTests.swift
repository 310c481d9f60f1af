import GRIP
import Testing

@Suite struct LogTextTests {
    @Test func plainTextStaysAsItIs() {
        #expect(LogText.cut("/rooms/7") == "/rooms/7")
        #expect(LogText.cut("") == "")
        #expect(LogText.cut("/räume/✓") == "/räume/✓")
    }

    @Test func longTextIsCutAndSaysHowLongItWas() {
        let text = String(repeating: "a", count: 15_000)
        let cut = LogText.cut(text)
        #expect(cut == String(repeating: "a", count: 256) + "… (15000 bytes)")
        #expect(LogText.cut(String(repeating: "x", count: 256)).count == 256)
        #expect(
            LogText.cut("x" + String(repeating: "ä", count: 1000))
                == "x" + String(repeating: "ä", count: 127) + "… (2001 bytes)"
        )
    }

    @Test func textIsCutBetweenScalars() {
        let text = "a" + String(repeating: "€", count: 200)
        let cut = LogText.cut(text)
        #expect(cut.hasPrefix("a€"))
        #expect(cut.hasSuffix("€… (601 bytes)"))
        #expect(cut.utf8.count <= 256 + 20)
    }

    @Test(arguments: ["\n", "\r\n", "\u{1B}[2J", "\u{0}", "\u{85}", "\u{2028}", "\u{202E}", "\u{7F}"])
    func nothingLooksLikeAnotherLine(control: String) {
        let cut = LogText.cut("a\(control)b")
        #expect(cut.hasPrefix("a\\u{"))
        #expect(cut.hasSuffix("b"))
        #expect(!cut.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test func escapesDoNotMakeATextLongerThanAFewTimesTheLimit() {
        let cut = LogText.cut(String(repeating: "\u{1}", count: 100_000))
        #expect(cut.utf8.count < 256 * 6)
    }

    @Test func queriesAreNoPartOfThePath() {
        #expect(LogText.path("/news?token=secret") == "/news")
        #expect(LogText.path("/news#secret") == "/news")
        #expect(LogText.path("/" + String(repeating: "x", count: 1000)).utf8.count < 300)
    }
}
