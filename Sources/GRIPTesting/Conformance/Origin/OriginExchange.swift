import NIOCore

/// One request and what is sent about it, on the origin's side of a connection.
final class OriginExchange {
    private(set) var request: OriginRequest
    /// Whether the connection is closed afterwards.
    var isLast = false
    /// Whether the proxy has ended the exchange, which is no mistake of anybody.
    private(set) var isCutOff = false
    /// Where the request is remembered.
    var page: OriginPage?

    private let stream: ByteStream
    private var decoder: BodyDecoder
    private var isRecorded = false

    init(_ request: OriginRequest, _ stream: ByteStream) {
        self.request = request
        self.stream = stream
        self.decoder = BodyDecoder(request.head.framing ?? .none)
    }

    /// Lets the scenario know of the request, whose body may be missing yet.
    func record() {
        guard !self.isRecorded else { return }
        self.isRecorded = true
        self.page?.record(self.request)
    }

    /// Reads all of the body, and lets the scenario know of the request.
    func readBody() async throws {
        try await self.allowBody()
        while try await self.readPart() != nil {}
        self.record()
    }

    /// Tells a proxy that waits for it to send the body.
    func allowBody() async throws {
        guard self.request.fields["Expect"]?.lowercased() == "100-continue" else { return }
        try await self.send("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Reads the next part of the body, or nothing at its end.
    func readPart() async throws -> ByteBuffer? {
        guard !self.decoder.isEnded else { return nil }
        let decoder = self.decoder
        let (part, next) = try await self.connected {
            try await self.stream.read("the body of a request", within: .seconds(60)) { try decoder.step(&$0) }
        }
        self.decoder = next
        guard case .data(let data) = part else { return nil }
        self.request.body.writeImmutableBuffer(data)
        return data
    }

    func send(_ response: OriginResponse) async throws {
        self.isLast = self.isLast || response.closes
        var bytes = response.bytes
        if self.request.method == "HEAD" { bytes.moveWriterIndex(to: bytes.writerIndex - response.body.readableBytes) }
        try await self.send(bytes)
    }

    func send(_ text: String) async throws { try await self.send(ByteBuffer(string: text)) }

    func send(_ bytes: ByteBuffer) async throws { try await self.connected { try await self.stream.send(bytes) } }

    /// Waits until the proxy closes the connection.
    func waitForEnd(within limit: Duration) async throws {
        self.isLast = true
        try await self.stream.waitForEnd(within: limit)
    }

    /// Switches to WebSocket.
    func acceptWebSocket(_ fields: HeaderList = [:], patience: Duration = .seconds(30)) async throws -> WebSocketPeer {
        self.isLast = true
        self.record()
        let key = try require("a Sec-WebSocket-Key", self.request.fields["Sec-WebSocket-Key"])
        let own: HeaderList = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": WebSocketKey.answer(to: key),
        ]
        try await self.send("HTTP/1.1 101 Switching Protocols\r\n\((own + fields).text)\r\n")
        self.isCutOff = true  // from here on the end of the connection is the end of the WebSocket
        return WebSocketPeer(self.stream, isClient: false, patience: patience)
    }

    private func connected<Outcome>(_ body: () async throws -> Outcome) async throws -> Outcome {
        do {
            return try await body()
        } catch {
            self.isCutOff = true
            throw error
        }
    }
}
