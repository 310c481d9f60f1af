package import GRIP
package import NIOCore

/// A published item on its way to the subscribers of its channel.
///
/// It is made once and shared by all event loops; what is written to most subscribers is in it already.
package final class Delivery: Sendable {
    /// The channel with the route's prefix.
    package let channel: String
    package let item: GRIPItem
    package let response: GRIPHTTPResponse?
    package let stream: GRIPHTTPStream?
    package let webSocket: GRIPWebSocketMessage?
    /// What an unfiltered stream is sent, without framing; empty when there is nothing to send.
    package let streamContent: ByteBuffer
    /// What an unfiltered WebSocket is sent, without framing; empty when there is nothing to send.
    package let webSocketContent: ByteBuffer
    /// The same in the frames of the wire protocols, ready to be written.
    package let framed: Framed
    /// About how many bytes of memory the item takes.
    package let approximateByteCount: Int

    /// An item as the wire protocols write it.
    package struct Framed: Sendable {
        /// A chunk of HTTP/1.1.
        package let chunk: ByteBuffer?
        /// A frame of a WebSocket server.
        package let frame: ByteBuffer?
    }

    /// Content in the frame of a wire protocol.
    package struct FramedContent: Sendable {
        let whole: ByteBuffer
        let content: ByteBuffer

        /// Notes where the content is.
        ///
        /// - Parameters:
        ///   - whole: The frame with the content, which is not copied.
        ///   - content: What part of the frame it is.
        package init(_ whole: ByteBuffer, content: Range<Int>) {
            self.whole = whole
            self.content = whole.getSlice(at: content.lowerBound, length: content.count) ?? ByteBuffer()
        }
    }

    /// Puts content into the frames of the wire protocols; a default leaves it as it is.
    package struct Framing: Sendable {
        package var chunk: @Sendable (GRIPContent) -> FramedContent?
        package var frame: @Sendable (GRIPWebSocketMessage.MessageType, GRIPContent) -> FramedContent?

        package init(
            chunk: @escaping @Sendable (GRIPContent) -> FramedContent? = { _ in nil },
            frame: @escaping @Sendable (GRIPWebSocketMessage.MessageType, GRIPContent) -> FramedContent? = { _, _ in nil
            }
        ) {
            self.chunk = chunk
            self.frame = frame
        }
    }

    /// Prepares an item.
    ///
    /// - Parameters:
    ///   - publication: The item and its channel.
    ///   - framing: Puts the contents of a stream and of a WebSocket message into frames.
    package init(_ publication: GRIPPublication, framing: Framing = Framing()) {
        self.channel = publication.channel.name
        self.item = publication.item
        self.approximateByteCount = publication.approximateByteCount
        var response: GRIPHTTPResponse?
        var stream: GRIPHTTPStream?
        var webSocket: GRIPWebSocketMessage?
        for format in publication.item.formats {
            switch format.kind {
            case .httpResponse(let format): response = format
            case .httpStream(let format): stream = format
            case .webSocketMessage(let format): webSocket = format
            }
        }
        self.response = response
        self.stream = stream
        self.webSocket = webSocket
        var chunk: FramedContent?
        var frame: FramedContent?
        var streamContent = ByteBuffer()
        var webSocketContent = ByteBuffer()
        if case .send(let content) = stream?.action {
            chunk = framing.chunk(content)
            streamContent = chunk?.content ?? content.bytes
        }
        if case .send(let type, let content) = webSocket?.action {
            frame = framing.frame(type, content)
            webSocketContent = frame?.content ?? content.bytes
        }
        self.streamContent = streamContent
        self.webSocketContent = webSocketContent
        self.framed = Framed(chunk: chunk?.whole, frame: frame?.whole)
    }
}

extension Delivery: Hashable {
    /// Whether both are the same delivery; two of equal items are not.
    package static func == (lhs: Delivery, rhs: Delivery) -> Bool { lhs === rhs }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
