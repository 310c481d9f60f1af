import GRIP
import GRIPEngine
import Testing

@Suite struct AccessLogEntryTests {
    private static func entry() -> AccessLogEntry {
        var entry = AccessLogEntry(time: "2026-11-30T20:00:00.000Z", connection: 7, client: "10.0.0.1")
        (entry.method, entry.authority, entry.path) = ("GET", "example.com", "/news?token=hush&x&y=hush#hush")
        (entry.status, entry.byteCount, entry.milliseconds) = (200, 12, 345)
        (entry.route, entry.target, entry.hold) = ("3:news", "127.0.0.1:8000", .stream)
        entry.end = .clientGone
        return entry
    }

    @Test func aLineForPeople() {
        #expect(
            Self.entry().text(query: .off) == """
                2026-11-30T20:00:00.000Z 10.0.0.1 http GET example.com /news 200 12B 345ms route=3:news \
                target=127.0.0.1:8000 hold=stream end=client-gone connection=7
                """
        )
        let empty = AccessLogEntry(time: "t", connection: 1, client: "c")
        #expect(
            empty.text(query: .off) == "t c http - - - - 0B 0ms route=- target=- hold=- end=complete connection=1"
        )
    }

    @Test func aLineForPrograms() throws {
        let json = try JSONValue(parsing: Self.entry().json(query: .off))
        #expect(json["path"]?.string == "/news")
        #expect(json["status"] == .integer(200))
        #expect(json["hold"]?.string == "stream")
        #expect(json["end"]?.string == "client-gone")
        let empty = try JSONValue(parsing: AccessLogEntry(time: "t", connection: 1, client: "c").json(query: .off))
        #expect(empty["status"] == .null)
        #expect(empty["target"] == .null)
    }

    @Test func queriesShowNamesAtMost() {
        for text in [Self.entry().text(query: .off), Self.entry().json(query: .off)] {
            #expect(!text.contains("token"))
        }
        for text in [Self.entry().text(query: .names), Self.entry().json(query: .names)] {
            #expect(text.contains("/news?token=(redacted)&(redacted)&y=(redacted)"))
            #expect(!text.contains("hush"))
        }
    }

    @Test(arguments: ["/a b", "/\"", "/\\", "/\n{\"x\":1}", "/\u{1B}[2J", "/\u{2028}"])
    func hostilePathsStayOnTheirLine(path: String) throws {
        var entry = Self.entry()
        entry.path = path
        let text = entry.text(query: .off)
        #expect(text.split(separator: " ").count == 14)
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
        let json = entry.json(query: .off)
        #expect(!json.contains("\n"))
        #expect(try JSONValue(parsing: json)["end"]?.string == "client-gone")
    }

    @Test func longPathsAreCut() {
        var entry = Self.entry()
        entry.path = "/" + String(repeating: "x", count: 15_000)
        #expect(entry.text(query: .off).utf8.count < 600)
        #expect(entry.json(query: .names).utf8.count < 700)
    }
}
