public import GRIP
public import HTTPTypes
public import NIOCore

/// What an origin's answer to a WebSocket-over-HTTP request means.
public struct GRIPTestWebSocketAnswer: Sendable, Hashable {
    /// The status.
    public let status: HTTPResponse.Status
    /// The header fields.
    public let fields: HTTPFields
    /// The events, none where the answer is a rejection.
    public let events: [WebSocketEvent]
    /// The messages that the client receives, in order, without the prefix.
    public let messages: [GRIPContent]
    /// What the origin tells the proxy, in order.
    public let controlMessages: [WebSocketControlMessage]
    /// The body of a rejection.
    public let rejection: ByteBuffer?

    init(rejection: ByteBuffer, _ status: HTTPResponse.Status, _ fields: HTTPFields) {
        self.status = status
        self.fields = fields
        self.events = []
        self.messages = []
        self.controlMessages = []
        self.rejection = rejection
    }

    init(events body: ByteBuffer, _ fields: HTTPFields, prefix: WebSocketMessagePrefix) throws {
        self.status = .ok
        self.fields = fields
        self.rejection = nil
        self.events = try WebSocketEvent.decode(body)
        var messages: [GRIPContent] = []
        var controlMessages: [WebSocketControlMessage] = []
        for event in self.events {
            switch event {
            case .text(let content):
                if let control = content.removing("c:") {
                    controlMessages.append(try WebSocketControlMessage(parsing: control))
                } else if let text = content.removing(prefix.text) {
                    messages.append(.text(String(buffer: text)))
                }
            case .binary(let content):
                if let bytes = content.removing(prefix.text) { messages.append(.binary(bytes)) }
            default: continue
            }
        }
        self.messages = messages
        self.controlMessages = controlMessages
    }

    /// Whether the origin opened the connection with this answer.
    public var isAccepted: Bool { self.events.first == .open }

    /// The subprotocol that the origin chose.
    public var subprotocol: String? { self.fields[.secWebSocketProtocol] }

    /// The names of the channels subscribed to, in order, with their prefix.
    public var subscriptions: [String] {
        self.controlMessages.compactMap { if case .subscribe(let channel) = $0 { channel.name } else { nil } }
    }

    /// The payloads of the pings that the client receives, in order; its side answers each with a pong.
    ///
    /// `WebSocketSession.join(_:)` and `leave(_:)` send one, and the pong makes the request that tells of it.
    public var pings: [ByteBuffer] {
        self.events.compactMap { if case .ping(let payload) = $0 { payload } else { nil } }
    }

    /// The close that the client receives: nothing inside where it has no code, nothing at all where there is none.
    public var close: WebSocketClose?? {
        for case .close(let close) in self.events { return .some(close) }
        return nil
    }
}

extension ByteBuffer {
    /// What follows a prefix, or nothing where it is missing.
    ///
    /// Bytes are compared: as text, a prefix and a combining character after it are one.
    fileprivate func removing(_ prefix: String) -> ByteBuffer? {
        guard self.readableBytesView.starts(with: prefix.utf8) else { return nil }
        var rest = self
        rest.moveReaderIndex(forwardBy: prefix.utf8.count)
        return rest.slice()
    }
}
