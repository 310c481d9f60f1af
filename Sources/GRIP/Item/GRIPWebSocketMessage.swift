/// The format `ws-message`: what an item does to WebSockets.
public struct GRIPWebSocketMessage: Sendable, Hashable {
    static let name = "ws-message"

    /// The kinds of WebSocket message that can be published.
    public enum MessageType: String, Sendable, Hashable, CaseIterable {
        /// A text message.
        case text
        /// A binary message.
        case binary
        /// A ping, with or without payload.
        case ping
        /// A pong, with or without payload.
        case pong
    }

    /// What the format does.
    public enum Action: Sendable, Hashable {
        /// Sends a message.
        case send(MessageType, GRIPContent)
        /// Closes the connection; without a code the client sees 1000.
        case close(code: UInt16?, reason: String)
        /// Makes the proxy send a WebSocket-over-HTTP request at once.
        case refresh
        /// Does nothing to a WebSocket.
        case hint
    }

    /// What the format does.
    public let action: Action
    /// The content filters a subscription must have, or nothing where they do not matter.
    public let contentFilters: [GRIPFilter]?

    package init(action: Action, contentFilters: [GRIPFilter]? = nil) {
        self.action = action
        self.contentFilters = contentFilters
    }

    private static func impliedType(of content: GRIPContent) -> MessageType {
        if case .text = content { .text } else { .binary }
    }

    func write(to writer: inout JSONWriter) {
        switch self.action {
        case .send(let type, let content):
            // Without a type proxies tell text from binary by the name of the content.
            if type != Self.impliedType(of: content) { writer.member("type", type.rawValue) }
            writer.content(content, text: "content", binary: "content-bin")
        case .close(let code, let reason):
            writer.member("action", "close")
            if let code { writer.member("code", Int(code)) }
            if !reason.isEmpty { writer.member("reason", reason) }
        case .refresh: writer.member("action", "refresh")
        case .hint: writer.member("action", "hint")
        }
    }

    init(_ object: JSONObject) throws(GRIPError) {
        let reader = JSONObjectReader(object: object, subject: "'ws-message'", code: .format)
        switch try GRIPFormat.action(reader) {
        case .hint: self.init(action: .hint)
        case .refresh: self.init(action: .refresh)
        case .close:
            let code = try reader.integer("code", in: 0...Int(UInt16.max)).map(UInt16.init)
            self.init(
                action: .close(code: code, reason: try reader.line("reason") ?? ""),
                contentFilters: try GRIPFormat.contentFilters(reader)
            )
        case .send:
            var type: MessageType?
            if let name = try reader.string("type") {
                guard let known = MessageType(rawValue: name) else { throw reader.unknown("type") }
                type = known
            }
            var content = try reader.content(text: "content", binary: "content-bin")
            if content == nil, type == .ping || type == .pong { content = "" }
            guard let content else { throw reader.missing("'content' or 'content-bin'") }
            self.init(
                action: .send(type ?? Self.impliedType(of: content), content),
                contentFilters: try GRIPFormat.contentFilters(reader)
            )
        }
    }
}
