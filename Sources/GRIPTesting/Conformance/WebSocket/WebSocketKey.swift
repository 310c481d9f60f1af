import Crypto
import GRIP

/// The proof that a server speaks WebSocket (RFC 6455, section 4.2.2).
enum WebSocketKey {
    static let sample = "dGhlIHNhbXBsZSBub25jZQ=="

    static func answer(to key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return String(decoding: Base64.encode(digest), as: UTF8.self)
    }
}
