import GRIP
import Testing

@Suite struct WebSocketMessagePrefixTests {
    @Test(arguments: [
        ("m:", "grip"), ("", #"grip; message-prefix="""#), ("abc", #"grip; message-prefix="abc""#),
        (#"a"b\,;="#, #"grip; message-prefix="a\"b\\,;=""#),
    ])
    func `A prefix is announced and read`(text: String, value: String) throws {
        let prefix = try WebSocketMessagePrefix(text)
        #expect(prefix.extensionFieldValue == value)
        #expect(WebSocketMessagePrefix(extensionFieldValue: value) == prefix)
    }

    @Test(arguments: ["c", "c:", "c:x", "é", "a\r\n", "\u{0}", "\u{7F}", String(repeating: "a", count: 65)])
    func `What would make messages into control messages, or split a header, is refused`(text: String) {
        #expect(throws: GRIPError.self) { try WebSocketMessagePrefix(text) }
    }

    @Test(arguments: [
        ("grip", "m:"), (" foo; a=\"x,grip\" , grip ; other ; message-prefix = p: ", "p:"), ("foo, grip", "m:"),
        ("grip;message-prefix=\"\";message-prefix=x", ""), ("grip; other=\"q\"", "m:"),
        // No session can be made with it, but a proxy gets along: it looks for its own messages first.
        ("grip; message-prefix=c:", "c:"),
    ])
    func `An acceptance is found among other extensions`(value: String, prefix: String) {
        #expect(WebSocketMessagePrefix(extensionFieldValue: value)?.text == prefix)
    }

    @Test(arguments: [
        "", "foo", "GRIP", "gripe", "foo; a=\"grip", "grip; message-prefix=", "grip; message-prefix=\"x",
        "grip; message-prefix=\"x\\", "grip; message-prefix", "grip; message-prefix=\"x\"y", "grip=1",
    ])
    func `Anything else is no acceptance`(value: String) {
        #expect(WebSocketMessagePrefix(extensionFieldValue: value) == nil)
    }
}
