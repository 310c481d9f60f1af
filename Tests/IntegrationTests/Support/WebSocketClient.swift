import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// What a WebSocket client may see arrive.
enum WebSocketMessage: Sendable, Hashable {
    case text(String)
    case binary(ByteBuffer)
    case ping(ByteBuffer)
    case pong(ByteBuffer)
    case close(code: UInt16?, reason: String?)
    /// The connection is gone.
    case disconnected
}

/// Thrown when a server answers the handshake with something else than a WebSocket.
struct WebSocketRejected: Error {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body: String
}

/// A WebSocket client for tests.
///
/// Exists only inside ``withWebSocket(port:path:headers:host:within:_:)``.
struct WebSocketClient: Sendable {
    /// The headers of the response to the handshake.
    let headers: HTTPHeaders
    private let channel: any Channel
    private let incoming: Mailbox<WebSocketMessage>

    fileprivate init(_ channel: any Channel, _ headers: HTTPHeaders, _ incoming: Mailbox<WebSocketMessage>) {
        self.channel = channel
        self.headers = headers
        self.incoming = incoming
    }

    func send(_ text: String) async throws {
        try await send(.text, ByteBuffer(string: text))
    }

    func send(binary bytes: ByteBuffer) async throws {
        try await send(.binary, bytes)
    }

    /// Sends one message as several frames.
    func send(fragments: [String]) async throws {
        for (index, fragment) in fragments.enumerated() {
            let isLast = index == fragments.count - 1
            try await send(index == 0 ? .text : .continuation, ByteBuffer(string: fragment), isLast: isLast)
        }
    }

    func ping(_ data: String = "") async throws {
        try await send(.ping, ByteBuffer(string: data))
    }

    func pong(_ data: String = "") async throws {
        try await send(.pong, ByteBuffer(string: data))
    }

    /// Sends a close frame; with no code it is empty.
    ///
    /// The answer and the end of the connection are for `receive`.
    func close(code: UInt16? = nil, reason: String = "") async throws {
        var data = ByteBuffer()
        if let code {
            data.writeInteger(code)
            data.writeString(reason)
        }
        try await send(.connectionClose, data)
    }

    /// Ends the connection without a close frame.
    func disconnect() async throws {
        try await channel.close()
    }

    /// The next message, in one piece also if it came in several.
    ///
    /// A close frame is answered by itself, a ping is not.
    func receive(within limit: Duration = .seconds(60)) async throws -> WebSocketMessage {
        try await incoming.next(within: limit) ?? .disconnected
    }

    /// Whether nothing arrives for that long.
    ///
    /// If something does, it is lost to `receive`.
    func isQuiet(for time: Duration) async throws -> Bool {
        do {
            _ = try await incoming.next(within: time)
            return false
        } catch is TimedOut {
            return true
        }
    }

    private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, isLast: Bool = true) async throws {
        try await channel.writeAndFlush(WebSocketFrame(fin: isLast, opcode: opcode, maskKey: .random(), data: data))
    }
}

/// Opens a WebSocket on a loopback port for as long as `body` runs; throws ``WebSocketRejected`` if there is none.
///
/// - Parameter headers: further ones of the handshake, such as `Sec-WebSocket-Protocol`.
func withWebSocket<Result: Sendable>(
    port: Int,
    path: String = "/",
    headers: HTTPHeaders = [:],
    host: String? = nil,
    within limit: Duration = .seconds(60),
    _ body: (WebSocketClient) async throws -> Result
) async throws -> Result {
    let incoming = Mailbox<WebSocketMessage>()
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
    head.headers.replaceOrAdd(name: "Host", value: host ?? "127.0.0.1:\(port)")
    let request = head
    let (channel, handshake) = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let handshake = try WebSocketHandshake.begin(request, on: channel, incoming)
                return (channel, handshake)
            }
        }
    let result: Swift.Result<Result, any Error>
    do {
        let response = try await withDeadline(limit, "the WebSocket handshake") { try await handshake.get() }
        result = .success(try await body(WebSocketClient(channel, response.headers, incoming)))
    } catch {
        result = .failure(error)
    }
    // Most tests end with the connection closed by the other side.
    channel.close(promise: nil)
    try await channel.closeFuture.get()
    return try result.get()
}
