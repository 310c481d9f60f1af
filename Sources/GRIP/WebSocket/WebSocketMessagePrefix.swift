/// What an origin puts before each message, to tell messages from what it says to the proxy.
///
/// The proxy removes it and drops messages without it, and takes text that begins with `c:` for a control message. The
/// prefix is agreed upon when the connection is accepted and holds for its lifetime, so a route has one prefix.
public struct WebSocketMessagePrefix: Sendable, Hashable, CustomStringConvertible {
    /// What a text that speaks to the proxy begins with.
    package static let control = "c:"

    /// The text itself.
    public let text: String

    /// The prefix where nothing else is agreed upon: `m:`.
    public static let standard = WebSocketMessagePrefix(unchecked: "m:")

    /// No prefix: messages travel as they are, and text that begins with `c:` cannot be sent.
    public static let none = WebSocketMessagePrefix(unchecked: "")

    private init(unchecked text: String) { self.text = text }

    /// Makes a prefix.
    ///
    /// - Parameter text: At most 64 printable ASCII characters. Not `c`, and not beginning with `c:`, because messages
    ///   would become control messages. May be empty.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` when it is something else.
    public init(_ text: String) throws(GRIPError) {
        guard text.utf8.count <= 64, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw GRIPError(.webSocketMessage, "a message prefix consists of at most 64 printable ASCII characters")
        }
        guard text != "c", !text.utf8.starts(with: Self.control.utf8) else {
            throw GRIPError(.webSocketMessage, "with the message prefix '\(text)' messages would be control messages")
        }
        self.init(unchecked: text)
    }

    /// The value of `Sec-WebSocket-Extensions` with which an origin accepts GRIP.
    public var extensionFieldValue: String {
        guard self != .standard else { return "grip" }
        var quoted = ""
        for character in self.text.unicodeScalars {
            if character == "\"" || character == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(character)
        }
        return "grip; message-prefix=\"\(quoted)\""
    }

    /// Reads `Sec-WebSocket-Extensions` as an origin answered it.
    ///
    /// - Parameter extensionFieldValue: The value of the field; of several fields, the values joined by commas.
    /// - Returns: The prefix that the origin uses, also one that ``init(_:)`` refuses, or nothing when it does not accept
    ///   GRIP: no element is named `grip` in lower case, or its parameters are malformed.
    public init?(extensionFieldValue: String) {
        var scanner = Scanner(Array(extensionFieldValue.utf8))
        while let element = scanner.nextElement() {
            guard element.name == "grip" else { continue }
            guard !element.isMalformed else { return nil }
            guard let parameter = element.messagePrefix else {
                self = .standard
                return
            }
            self.init(unchecked: parameter)
            return
        }
        return nil
    }

    /// The text itself.
    public var description: String { self.text }
}
