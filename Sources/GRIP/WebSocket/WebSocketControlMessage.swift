public import NIOCore

/// What an origin says to the proxy, not to the client, over a WebSocket.
///
/// It travels as a JSON object in a text message that begins with `c:`. The prefix is no part of the codec: whoever sends
/// or receives the message adds or removes it.
public enum WebSocketControlMessage: Sendable, Hashable {
    /// A name and a value that filters see.
    public struct Meta: Sendable, Hashable {
        /// The name; never empty.
        public let name: String
        /// The value, or nothing to delete what was stored.
        public let value: String?

        /// Makes an entry.
        ///
        /// - Parameters:
        ///   - name: The name.
        ///   - value: The value, or nothing to delete what was stored.
        /// - Throws: ``GRIPError`` with ``GRIPError/Code/meta`` when the name is empty.
        public init(_ name: String, _ value: String?) throws(GRIPError) {
            guard !name.isEmpty else { throw GRIPError(.meta, "the name of a meta entry must not be empty") }
            self.name = name
            self.value = value
        }
    }

    /// Subscribes the connection to a channel, with its filters and its member; its prev-id is not sent, as WebSockets have
    /// none.
    ///
    /// A second subscription to a channel replaces the filters and the member. Proxies ignore more than 20 channels.
    case subscribe(GRIPChannel)
    /// Ends the subscription to a channel; only the name counts.
    case unsubscribe(GRIPChannel)
    /// Ends the origin's part: the connection lives on with its subscriptions, but the origin hears no more of it.
    case detach
    /// Names the session that the connection belongs to, or none.
    case session(id: String?)
    /// Stores or deletes what filters see of this connection; not the same as the meta of a WebSocket session.
    case setMeta(Meta)
    /// Sets the message that keeps the connection alive, or none.
    case keepAlive(WebSocketKeepAlive?)
    /// Sends a message after a time.
    case sendDelayed(WebSocketDelayedMessage)
    /// Sends the delayed message now.
    case flushDelayed

    /// Writes the message.
    ///
    /// - Returns: A JSON object, without the `c:` that goes before it.
    public func encoded() -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in self.write(to: &writer) }
        return writer.buffer
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .subscribe(let channel):
            writer.member("type", "subscribe")
            writer.member("channel", channel.name)
            if !channel.filters.isEmpty {
                writer.key("filters")
                writer.array { writer in for filter in channel.filters { writer.string(filter.name) } }
            }
            channel.member?.write(to: &writer)
        case .unsubscribe(let channel):
            writer.member("type", "unsubscribe")
            writer.member("channel", channel.name)
        case .detach:
            writer.member("type", "detach")
        case .session(let id):
            writer.member("type", "session")
            if let id { writer.member("id", id) }
        case .setMeta(let meta):
            writer.member("type", "set-meta")
            writer.member("name", meta.name)
            if let value = meta.value { writer.member("value", value) }
        case .keepAlive(let keepAlive):
            writer.member("type", "keep-alive")
            guard let keepAlive else { return }
            Self.write(keepAlive.message, timeout: keepAlive.timeout, to: &writer)
            writer.member("mode", keepAlive.mode.rawValue)
        case .sendDelayed(let delayed):
            writer.member("type", "send-delayed")
            Self.write(delayed.message, timeout: delayed.timeout, to: &writer)
        case .flushDelayed:
            writer.member("type", "flush-delayed")
        }
    }

    private static func write(_ message: WebSocketTimedMessage, timeout: Duration, to writer: inout JSONWriter) {
        // The type is always written: left out, it means text, even where the content is bytes.
        switch message {
        case .text(let text):
            writer.member("message-type", "text")
            writer.member("content", text)
        case .binary(let bytes):
            writer.member("message-type", "binary")
            Self.write(bytes, to: &writer)
        case .ping(let payload):
            writer.member("message-type", "ping")
            Self.write(payload, to: &writer)
        case .pong(let payload):
            writer.member("message-type", "pong")
            Self.write(payload, to: &writer)
        }
        writer.member("timeout", timeout.wholeSeconds)
    }

    private static func write(_ bytes: ByteBuffer, to writer: inout JSONWriter) {
        let base64 = Base64.encode(bytes.readableBytesView)
        writer.member("content-bin", String(decoding: base64, as: UTF8.self))
    }
}
