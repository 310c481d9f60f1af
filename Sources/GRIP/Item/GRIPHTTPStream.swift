/// The format `http-stream`: what an item does to stream holds.
public struct GRIPHTTPStream: Sendable, Hashable {
    static let name = "http-stream"

    /// What the format does.
    public enum Action: Sendable, Hashable {
        /// Appends content to the stream, as it is.
        case send(GRIPContent)
        /// Ends the stream.
        case close
        /// Makes the proxy fetch the next link.
        case hint
        /// Does nothing to a stream hold.
        case refresh
    }

    /// What the format does.
    public let action: Action
    /// The content filters a subscription must have, or nothing where they do not matter.
    public let contentFilters: [GRIPFilter]?

    package init(action: Action, contentFilters: [GRIPFilter]? = nil) {
        self.action = action
        self.contentFilters = contentFilters
    }

    func write(to writer: inout JSONWriter) {
        switch self.action {
        case .send(let content): writer.content(content, text: "content", binary: "content-bin")
        case .close: writer.member("action", "close")
        case .hint: writer.member("action", "hint")
        case .refresh: writer.member("action", "refresh")
        }
    }

    init(_ object: JSONObject) throws(GRIPError) {
        let reader = JSONObjectReader(object: object, subject: "'http-stream'", code: .format)
        switch try GRIPFormat.action(reader) {
        case .hint: self.init(action: .hint)
        case .close: self.init(action: .close)
        case .refresh: self.init(action: .refresh)
        case .send:
            guard let content = try reader.content(text: "content", binary: "content-bin") else {
                throw reader.missing("'content' or 'content-bin'")
            }
            self.init(action: .send(content), contentFilters: try GRIPFormat.contentFilters(reader))
        }
    }
}
