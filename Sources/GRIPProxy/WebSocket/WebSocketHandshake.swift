import Crypto
import GRIP
import GRIPEngine
import HTTPTypes

/// What a client says when it wants a WebSocket (RFC 6455 section 4).
struct WebSocketHandshake {
    /// What the client is told to show that it was understood.
    let accept: String

    /// Checks a handshake.
    ///
    /// - Returns: The handshake, or what is wrong with it.
    static func read(_ request: ClientRequest) -> Result<WebSocketHandshake, Refusal> {
        guard request.method == .get else { return .failure(Refusal("The method of a WebSocket handshake is GET.")) }
        // What follows the head are frames.
        guard request.bodyLength == .none || request.bodyLength == .known(0) else {
            return .failure(Refusal("A WebSocket handshake has no body."))
        }
        guard request.fields[values: .secWebSocketVersion].first == "13" else {
            return .failure(Refusal("Sec-WebSocket-Version must be 13.", upgradeRequired: true))
        }
        let keys = request.fields[values: .secWebSocketKey]
        guard keys.count == 1, let key = keys.first, key.utf8.count == 24, key.utf8.suffix(2).elementsEqual("==".utf8)
        else { return .failure(Refusal("Sec-WebSocket-Key must be 16 bytes in Base64.")) }
        let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return .success(WebSocketHandshake(accept: String(decoding: Base64.encode(Array(digest)), as: UTF8.self)))
    }

    struct Refusal: Error {
        let reply: ProxyReply

        init(_ reason: String, upgradeRequired: Bool = false) {
            var reply = ProxyReply(.badRequest, reason)
            if upgradeRequired { reply.head.headerFields[.secWebSocketVersion] = "13" }
            self.reply = reply
        }
    }

    /// The head of the answer.
    ///
    /// - Parameter fields: What the origin adds.
    func response(_ fields: HTTPFields) -> HTTPResponse {
        var head = HTTPResponse(status: .switchingProtocols)
        head.headerFields[.upgrade] = "websocket"
        head.headerFields[.connection] = "Upgrade"
        head.headerFields[.secWebSocketAccept] = self.accept
        head.headerFields.append(contentsOf: fields)
        return head
    }
}
