import NIOCore

/// The events of one request, checked and sorted by what a session does with them.
struct WebSocketBatch: Sendable {
    enum Element: Sendable, Hashable {
        case input(WebSocketSession.Input)
        /// A ping, and how many bytes of the request's content end with it.
        case ping(ByteBuffer, contentEnd: Int)
    }

    let isOpening: Bool
    private(set) var elements: [Element] = []
    private(set) var contentByteCount = 0
    private(set) var isDisconnected = false
    private(set) var isClosing = false
    private(set) var hasInvalidText = false
    private(set) var close: WebSocketClose?
    private(set) var pongs: [ByteBuffer] = []

    init(_ events: [WebSocketEvent]) throws(GRIPError) {
        self.isOpening = events.first == .open
        for (position, event) in events.enumerated() {
            self.contentByteCount += event.contentByteCount
            switch event {
            case .open:
                guard position == 0 else {
                    throw GRIPError(.webSocketMessage, "an OPEN event is not the first one of its request")
                }
            case .text(let bytes): self.appendText(bytes)
            case .binary(let bytes): self.append(.input(.message(.binary(bytes))))
            case .ping(let payload): self.append(.ping(payload, contentEnd: self.contentByteCount))
            case .pong(let payload): self.pongs.append(payload)
            case .close(let close): self.appendClose(close)
            case .disconnect:
                guard !self.isDisconnected else { break }
                self.isDisconnected = true
                self.elements.append(.input(.disconnect))
            }
        }
    }

    private mutating func appendText(_ bytes: ByteBuffer) {
        if let text = String(validating: bytes.readableBytesView, as: UTF8.self) {
            self.append(.input(.message(.text(text))))
        } else if !self.isClosing {
            self.hasInvalidText = true
            self.appendClose(WebSocketClose(unchecked: .invalidPayload, reason: "a text message is not UTF-8"))
        }
    }

    private mutating func appendClose(_ close: WebSocketClose?) {
        guard !self.isClosing, !self.isDisconnected else { return }
        self.append(.input(.close(close)))
        self.isClosing = true
        self.close = close
    }

    /// A client says nothing after its close; a proxy that reports something nevertheless is not believed.
    private mutating func append(_ element: Element) {
        if !self.isClosing, !self.isDisconnected { self.elements.append(element) }
    }
}
