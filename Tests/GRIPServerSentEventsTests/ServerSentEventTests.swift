import GRIPServerSentEvents
import NIOCore
import Testing

@Suite("A server-sent event")
struct ServerSentEventTests {
    private func text(_ event: ServerSentEvent) -> String { String(buffer: event.bytes) }

    @Test func allFields() throws {
        let event = try ServerSentEvent(type: "add", data: "one", id: "7", retry: .milliseconds(1500))
        #expect(self.text(event) == "id: 7\nevent: add\nretry: 1500\ndata: one\n\n")
    }

    @Test(
        "Data of several lines is a field for each, whatever ends them",
        arguments: [
            ("", "data: \n\n"), ("a", "data: a\n\n"), ("a\nb", "data: a\ndata: b\n\n"),
            ("a\r\nb", "data: a\ndata: b\n\n"), ("a\rb", "data: a\ndata: b\n\n"),
            ("a\n", "data: a\ndata: \n\n"), ("\n\n", "data: \ndata: \ndata: \n\n"),
            (" a", "data:  a\n\n"), (":a", "data: :a\n\n"), ("a\r\n\nid: 5", "data: a\ndata: \ndata: id: 5\n\n"),
        ]
    )
    func data(text: String, expected: String) throws {
        #expect(self.text(try ServerSentEvent(data: text)) == expected)
    }

    @Test func withoutData() throws {
        #expect(self.text(try ServerSentEvent(id: "")) == "id: \n\n")
        #expect(self.text(try ServerSentEvent(type: "", data: "x")) == "data: x\n\n")
        #expect(self.text(try ServerSentEvent()) == "\n")
    }

    @Test func comments() {
        #expect(String(buffer: ServerSentEvent.comment()) == ":\n\n")
        #expect(String(buffer: ServerSentEvent.comment("a\ndata: b\r\rc")) == ":a\n:data: b\n:\n:c\n\n")
    }

    @Test(
        "A field that would end early is refused, and named",
        arguments: [
            ("a\nb", nil, "'event'"), ("a\r", nil, "'event'"), (nil, "1\n", "'id'"), (nil, "\r1", "'id'"),
            (nil, "a\u{0}b", "'id'"),
        ] as [(String?, String?, String)]
    )
    func refused(type: String?, id: String?, field: String) {
        let error = #expect(throws: ServerSentEventError.self) { try ServerSentEvent(type: type, data: "x", id: id) }
        #expect(error?.code == .field)
        #expect(error?.reason.contains(field) == true)
    }

    @Test func retry() throws {
        #expect(throws: ServerSentEventError.self) { try ServerSentEvent(retry: .milliseconds(-1)) }
        #expect(self.text(try ServerSentEvent(retry: .microseconds(2999))) == "retry: 2\n\n")
        let endless = try ServerSentEvent(retry: .seconds(Int64.max))
        #expect(self.text(endless) == "retry: \(Int64.max)\n\n")
    }
}
