import NIOCore

/// What arrives on a WebSocket, fragments put together.
enum SocketMessage: Sendable, Hashable, CustomStringConvertible {
    case text(String)
    case binary(ByteBuffer)
    case ping(String)
    case pong(String)
    case close(UInt16?, String)
    /// The connection has ended without a Close frame, or after it.
    case gone

    init?(_ opcode: UInt8, _ data: ByteBuffer) {
        var data = data
        switch opcode {
        case SocketFrame.text: self = .text(String(buffer: data))
        case SocketFrame.binary: self = .binary(data)
        case SocketFrame.ping: self = .ping(String(buffer: data))
        case SocketFrame.pong: self = .pong(String(buffer: data))
        case SocketFrame.close: self = .close(data.readInteger(), String(buffer: data))
        default: return nil
        }
    }

    var description: String {
        switch self {
        case .text(let text): "text \(ByteBuffer(string: text).excerpt)"
        case .binary(let data): "binary \(data.excerpt)"
        case .ping(let text): "ping “\(text)”"
        case .pong(let text): "pong “\(text)”"
        case .close(let code, let reason): "close \(code.map(String.init) ?? "without a code") “\(reason)”"
        case .gone: "the end of the connection"
        }
    }
}
