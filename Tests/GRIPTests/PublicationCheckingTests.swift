import GRIP
import Testing

@Suite struct PublicationCheckingTests {
    private static let format = GRIPFormat.httpStream("x")

    @Test(arguments: ["a\nb", "a\r\nX: y", "\r", "a\u{0}", "line\n"])
    func `Line ends are refused in the fields that come to stand in headers, by name`(text: String) throws {
        let fine = GRIPPublication(GRIPItem(Self.format, id: "1", previousID: "0"), to: "a")
        for (item, field) in [
            (GRIPItem(Self.format, id: text), "id"), (GRIPItem(Self.format, previousID: text), "prev-id"),
        ] {
            let error = #expect(throws: GRIPError.self) {
                try GRIPPublication.checkLines([fine, GRIPPublication(item, to: "a")])
            }
            #expect(error?.code == .item)
            #expect(error?.reason.contains("'\(field)' of publication 1 contains line ends") == true)
            // A message must not break the lines of a log either.
            #expect(error?.reason.contains("\n") == false)
        }
    }

    @Test func `Everything else passes`() throws {
        let item = GRIPItem(
            .webSocketMessage("two\nlines"),
            id: "ä; \"b\", c\t",
            previousID: "",
            meta: ["user": "two\nlines"]
        )
        try GRIPPublication.checkLines([GRIPPublication(item, to: "a")])
        try GRIPPublication.checkLines([])
    }
}
