import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore

/// Who speaks with the client once it speaks WebSocket.
protocol WebSocketPeer: AnyObject {
    var isWritable: Bool { get }
    /// Whether many writes may wait, however few bytes they have.
    var hasManyWrites: Bool { get }
    var pendingByteCount: Int { get }
    func send(_ opcode: UInt8, isFinal: Bool, _ payload: ByteBuffer)
    /// Writes what an item says, in the frame that was made for all.
    func write(_ delivery: Delivery)
    func flush()
    func setReading(_ isReading: Bool)
    /// Ends the connection when everything is written.
    func finish()
    /// Ends the connection at once.
    func close(_ end: ConnectionEnd)
    func reschedule()
}

/// Who answers the client's handshake.
protocol WebSocketHandshakePeer: AnyObject {
    /// The handshake succeeds.
    ///
    /// - Returns: Who speaks with the client from now on.
    func accept(_ fields: HTTPFields, for webSocket: HeldWebSocket) -> (any WebSocketPeer)?
    func reject(_ reply: ProxyReply)
    func abort()
    func reschedule()
}
