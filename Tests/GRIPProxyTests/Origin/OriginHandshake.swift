/// The handshake of a WebSocket.
enum OriginHandshake {
    /// The fields of the example of RFC 6455, which client and origin can be given alike.
    static let fields = """
        Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n
        """

    /// The answer of an origin that speaks WebSocket.
    static let accepted = """
        HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n
        """

    static let request = "GET /x HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
}
