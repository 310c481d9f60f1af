import GRIP
import GRIPServerSentEvents
import NIOCore
import Testing

@Suite("Reading server-sent events")
struct ServerSentEventReaderTests {
    typealias Event = ServerSentEventReader.Event

    private func read(_ text: String) throws -> [Event] {
        var reader = ServerSentEventReader()
        return try reader.read(ByteBuffer(string: text))
    }

    @Test(
        "What browsers understand",
        arguments: [
            // The examples of the standard.
            ("data: YHOO\ndata: +2\ndata: 10\n\n", [Event(data: "YHOO\n+2\n10")]),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                [Event(data: "first event", lastID: "1"), Event(data: "second event"), Event(data: " third event")]
            ),
            ("data\n\ndata\ndata\n\ndata:", [Event(data: ""), Event(data: "\n")]),
            ("data:test\n\ndata: test\n\n", [Event(data: "test"), Event(data: "test")]),
            // Line ends.
            ("data: a\r\rdata: b\r\n\r\ndata: c\n\n", [Event(data: "a"), Event(data: "b"), Event(data: "c")]),
            ("data: a\r\ndata: b\r\n\r\n", [Event(data: "a\nb")]),
            // Names, and what is no field.
            ("event: add\ndata: a\n\ndata: b\n\n", [Event(type: "add", data: "a"), Event(data: "b")]),
            ("event: add\n\ndata: b\n\n", [Event(data: "b")]),
            ("Data: a\nfoo: b\n:data: c\n data: d\n\n", []),
            // The id stays from event to event, and one with a zero byte does not count.
            (
                "id: 1\ndata: a\n\ndata: b\n\nid: 2\u{0}\ndata: c\n\n",
                [Event(data: "a", lastID: "1"), Event(data: "b", lastID: "1"), Event(data: "c", lastID: "1")]
            ),
            ("\u{FEFF}data: a\n\n", [Event(data: "a")]),
            ("data: a\n", []),
        ]
    )
    func events(text: String, expected: [Event]) throws { #expect(try self.read(text) == expected) }

    @Test func idOfAnEventWithoutData() throws {
        var reader = ServerSentEventReader(lastID: "0")
        #expect(try reader.read(ByteBuffer(string: "id: 5\n")).isEmpty)
        // A stream that breaks off here has not come to that id.
        #expect(reader.lastID == "0")
        #expect(try reader.read(ByteBuffer(string: "\n")).isEmpty)
        #expect(reader.lastID == "5")
    }

    @Test(arguments: [
        ("10", Duration.milliseconds(10)), ("0", .zero), ("", nil), ("-1", nil), ("1.5", nil), ("1s", nil),
        ("99999999999999999999", nil),
    ])
    func retry(value: String, expected: Duration?) throws {
        var reader = ServerSentEventReader()
        #expect(try reader.read(ByteBuffer(string: "retry: \(value)\n\n")).isEmpty)
        #expect(reader.retry == expected)
    }

    @Test func tooLarge() throws {
        var reader = ServerSentEventReader(maximumEventSize: 20)
        // Comments do not count, however many come.
        for _ in 0..<10 { #expect(try reader.read(ByteBuffer(string: ": 0123456789\n")).isEmpty) }
        #expect(try reader.read(ByteBuffer(string: "data: 01234567890123\n\n")).count == 1)
        let error = #expect(throws: ServerSentEventError.self) {
            _ = try reader.read(ByteBuffer(string: "data: 012345678901234\n\n"))
        }
        #expect(error?.code == .tooLarge)
    }

    @Test("What is written is read, cut anywhere", arguments: 0..<200)
    func roundTrip(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let pieces = ["", "a", "\n", "\r", "\r\n", ":", " ", "data: x", "é", "🚀", "id: 3", "\u{FEFF}", "\u{0}"]
        func text(_ isLine: Bool) -> String {
            (0..<Int.random(in: 0..<6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
                .filter { !isLine || !$0.unicodeScalars.contains { $0 == "\r" || $0 == "\n" || $0 == "\u{0}" } }
        }
        var stream = ByteBuffer()
        var expected: [Event] = []
        var lastID = ""
        for _ in 0..<20 {
            let event = try ServerSentEvent(
                type: Bool.random(using: &random) ? text(true) : nil,
                data: Bool.random(using: &random) ? text(false) : nil,
                id: Bool.random(using: &random) ? text(true) : nil
            )
            if Bool.random(using: &random) { stream.writeImmutableBuffer(ServerSentEvent.comment(text(false))) }
            event.write(to: &stream)
            if let id = event.id { lastID = id }
            guard let data = event.data else { continue }
            // By way of another character, as a return before one of the new line feeds would join it.
            let lines = ["\r\n", "\r", "\n"].reduce(data) { $0.replacing($1, with: "\u{1}") }
                .replacing("\u{1}", with: "\n")
            let type = event.type.flatMap { $0.isEmpty ? nil : $0 } ?? "message"
            expected.append(Event(type: type, data: lines, lastID: lastID))
        }
        var reader = ServerSentEventReader()
        var events: [Event] = []
        while stream.readableBytes > 0 {
            let count = min(stream.readableBytes, Int.random(in: 1...7, using: &random))
            events += try reader.read(stream.readSlice(length: count) ?? ByteBuffer())
        }
        #expect(events.count == expected.count)
        for (event, wanted) in zip(events, expected) {
            #expect(event.data.utf8.elementsEqual(wanted.data.utf8), "\(event) \(wanted)")
            #expect(event.lastID.utf8.elementsEqual(wanted.lastID.utf8))
            #expect(event.type.utf8.elementsEqual(wanted.type.utf8))
        }
    }
}
