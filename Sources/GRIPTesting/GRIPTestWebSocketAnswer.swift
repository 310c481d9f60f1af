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

    init(
        _ status: HTTPResponse.Status,
        _ fields: HTTPFields,
        _ body: ByteBuffer,
        prefix: WebSocketMessagePrefix
    ) throws {
        self.status = status
        self.fields = fields
        guard status == .ok, fields[.contentType] == WebSocketSession.contentType else {
            self.events = []
            self.messages = []
            self.controlMessages = []
            self.rejection = body
            return
        }
        self.rejection = nil
        self.events = try WebSocketEvent.decode(body)
        var messages: [GRIPContent] = []
        var controlMessages: [WebSocketControlMessage] = []
        for event in self.events {
            switch event {
            case .text(let content):
                let text = String(buffer: content)
                if text.hasPrefix("c:") {
                    controlMessages.append(
                        try WebSocketControlMessage(parsing: ByteBuffer(string: String(text.dropFirst(2))))
                    )
                } else if text.hasPrefix(prefix.text) {
                    messages.append(.text(String(text.dropFirst(prefix.text.count))))
                }
            case .binary(var content):
                let start = Array(prefix.text.utf8)
                guard content.readableBytesView.starts(with: start) else { continue }
                content.moveReaderIndex(forwardBy: start.count)
                messages.append(.binary(content.slice()))
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

    /// The close that the client receives: nothing inside where it has no code, nothing at all where there is none.
    public var close: WebSocketClose?? {
        for case .close(let close) in self.events { return .some(close) }
        return nil
    }
}
