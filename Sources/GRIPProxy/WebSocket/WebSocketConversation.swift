import GRIPEngine
import HTTPTypes

/// A WebSocket of a client, whatever its origin speaks.
protocol WebSocketConversation: HeldMember {
    /// When it is to be woken, or nothing.
    var nextDeadline: EngineTime? { get }
    /// Begins with asking the origin.
    func begin()
    /// Takes what the client sent.
    func receive(_ result: WebSocketFrameReader.Result)
    func clientWritabilityChanged(_ isWritable: Bool)
    func clientLost()
    func wake(at now: EngineTime)
    func shutDown()
}

/// Who speaks with the client for a conversation: HTTP until the handshake is over, WebSocket frames after.
protocol WebSocketPeer: AnyObject {
    var isWritable: Bool { get }
    var pendingByteCount: Int { get }
    func send(_ frame: WebSocketFrame)
    func write(_ delivery: Delivery)
    func flush()
    func setReading(_ isReading: Bool)
    /// Ends the connection when everything is written.
    func finish()
    func reschedule()
}

/// Answers a handshake.
protocol WebSocketHandshakePeer: AnyObject {
    /// The handshake succeeds.
    ///
    /// - Returns: Who speaks with the client from now on.
    func accept(_ fields: HTTPFields, for conversation: any WebSocketConversation) -> (any WebSocketPeer)?
    func reject(_ reply: ProxyReply)
    func reschedule()
}
