package import GRIP
package import HTTPTypes
package import NIOCore

/// What is to be done for a WebSocket, in the order in which it is said.
package enum WebSocketRelayAction: Sendable, Hashable {
    /// Answers the client's handshake with 101 and these fields; those of the upgrade itself are not among them.
    case accept(HTTPFields)
    /// Answers the client's handshake with the origin's refusal, and ends the client's connection.
    case reject(HTTPResponse, ByteBuffer)
    /// Answers the client's handshake with an error of the proxy's own, and ends the client's connection.
    case fail(WebSocketFailure)
    /// Notes what is wrong with what the client gets all the same.
    case note(WebSocketFailure)
    /// Writes a frame to the client.
    case send(WebSocketOutgoingFrame)
    /// Writes a Close frame to the client; no other frame follows.
    case close(WebSocketClose?)
    /// Ends the client's connection once what was written before is sent; with the reason where it is not the usual one.
    case drop(WebSocketFailure?)
    /// Delivers a channel's items to the connection from now on, through these filters and no longer through others; the
    /// client is this member there and no longer another.
    case subscribe(channel: String, filters: [GRIPFilter], member: GRIPMember? = nil)
    /// Delivers a channel's items no longer.
    case unsubscribe(String)
    /// Notes that the connection is not subscribed to a channel, because it has as many as it may.
    case leftOut(String)
    /// Notes that a message of so many bytes is lost, because too much waits already.
    case overflowed(byteCount: Int)
    /// Reads no more from the client; what was read already may still be handed over.
    case pauseReading
    /// Reads from the client again.
    case resumeReading

    /// Sends a request to the origin, whose answer is awaited before there is another one.
    case request(WebSocketOverHTTPRequest)

    /// Writes a frame to the origin.
    case sendToOrigin(WebSocketOutgoingFrame)
    /// Writes a Close frame to the origin; no other frame follows.
    case closeOrigin(WebSocketClose?)
    /// Ends the connection to the origin once what was written before is sent.
    case dropOrigin

    /// Nothing will come any more: the relay and its subscriptions can be forgotten.
    case finished
}

/// What is to be done with a published message.
package enum WebSocketDelivery: Sendable, Hashable {
    /// The message is written to the client as a frame of its own.
    case write
    /// Nothing is done, nor was there anything to do.
    case skip
    /// The message is lost, because too much waits already.
    case overflow
    /// These actions are performed, which include the message where there is one.
    case perform([WebSocketRelayAction])
}
