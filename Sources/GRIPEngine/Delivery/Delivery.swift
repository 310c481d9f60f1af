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

    /// An item as the wire protocols write it.
    package struct Framed: Sendable {
        /// A chunk of HTTP/1.1.
        package var chunk: ByteBuffer?
        /// A frame of a WebSocket server.
        package var frame: ByteBuffer?

        package init(chunk: ByteBuffer? = nil, frame: ByteBuffer? = nil) {
            self.chunk = chunk
            self.frame = frame
        }
    }

    /// Prepares an item.
    ///
    /// - Parameters:
    ///   - publication: The item and its channel.
    ///   - framing: Puts the contents of a stream and of a WebSocket message into frames.
    package init(
        _ publication: GRIPPublication,
        framing: (_ stream: ByteBuffer?, _ message: (GRIPWebSocketMessage.MessageType, ByteBuffer)?) -> Framed
    ) {
        self.channel = publication.channel.name
        self.item = publication.item
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
        var streamContent: ByteBuffer?
        if case .send(let content) = stream?.action { streamContent = content.bytes }
        var message: (GRIPWebSocketMessage.MessageType, ByteBuffer)?
        if case .send(let type, let content) = webSocket?.action { message = (type, content.bytes) }
        self.streamContent = streamContent ?? ByteBuffer()
        self.webSocketContent = message?.1 ?? ByteBuffer()
        self.framed = framing(streamContent, message)
    }
}

extension Delivery: Hashable {
    /// Whether both are the same delivery; two of equal items are not.
    package static func == (lhs: Delivery, rhs: Delivery) -> Bool { lhs === rhs }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
