import NIOCore

/// One side of a WebSocket, which sends any frame it is told to and answers none by itself.
final class WebSocketPeer {
    let stream: ByteStream
    private let isClient: Bool
    private let patience: Duration
    private var fragments: (opcode: UInt8, data: ByteBuffer)?

    init(_ stream: ByteStream, isClient: Bool, patience: Duration) {
        self.stream = stream
        self.isClient = isClient
        self.patience = patience
    }

    /// Sends a frame, masked as this side must.
    func send(_ frame: SocketFrame) async throws {
        var frame = frame
        frame.isMasked = self.isClient
        try await self.stream.send(frame.encode())
    }

    func send(_ text: String) async throws { try await self.send(SocketFrame(SocketFrame.text, text)) }

    /// Sends a Close frame; without a code it is empty.
    func sendClose(_ code: UInt16?, _ reason: String = "") async throws {
        var data = ByteBuffer()
        if let code {
            data.writeInteger(code)
            data.writeString(reason)
        }
        try await self.send(SocketFrame(SocketFrame.close, bytes: data))
    }

    /// The next message.
    func message(within limit: Duration? = nil) async throws -> SocketMessage {
        while true {
            let frame = try await self.stream.read("a WebSocket message", within: limit ?? self.patience) {
                inbound -> SocketFrame?? in
                if let frame = SocketFrame.read(from: &inbound.bytes) { return frame }
                return inbound.isEnded ? .some(nil) : nil
            }
            guard let frame else { return .gone }
            if let message = try self.add(frame) { return message }
        }
    }

    /// The next message, or nothing where it does not come in time.
    func messageIfAny(within limit: Duration) async throws -> SocketMessage? {
        let isThere = try await self.stream.readIfAny(within: limit) { inbound -> Bool? in
            inbound.bytes.readableBytes > 0 || inbound.isEnded ? true : nil
        }
        return isThere == nil ? nil : try await self.message()
    }

    /// Fails unless a message is the next thing.
    func expect(_ message: SocketMessage, within limit: Duration? = nil) async throws {
        let next: SocketMessage
        do {
            next = try await self.message(within: limit)
        } catch let failure as GRIPConformanceFailure {
            throw GRIPConformanceFailure(expected: "on the WebSocket: \(message)", observed: failure.observed)
        }
        try GRIPTesting.expect("on the WebSocket", next, is: message)
    }

    /// Fails unless the connection ends, with a Close frame or without.
    func expectEnd(within limit: Duration? = nil) async throws {
        let next = try await self.message(within: limit)
        if case .close = next { return }
        try GRIPTesting.expect("on the WebSocket", next, is: .gone)
    }

    func close() { self.stream.close() }

    private func add(_ frame: SocketFrame) throws -> SocketMessage? {
        guard frame.isMasked != self.isClient else {
            throw GRIPConformanceFailure(expected: "frames masked by clients only", observed: "\(frame)")
        }
        guard !frame.isControl else { return try self.whole(frame.opcode, frame.data) }
        var data = self.fragments?.data ?? ByteBuffer()
        data.writeImmutableBuffer(frame.data)
        let opcode = self.fragments?.opcode ?? frame.opcode
        guard (self.fragments == nil) == (frame.opcode != SocketFrame.continuation) else {
            throw GRIPConformanceFailure(expected: "fragments of one message", observed: "opcode \(frame.opcode)")
        }
        self.fragments = frame.isFinal ? nil : (opcode, data)
        return frame.isFinal ? try self.whole(opcode, data) : nil
    }

    private func whole(_ opcode: UInt8, _ data: ByteBuffer) throws -> SocketMessage {
        try require("a frame of a known kind", SocketMessage(opcode, data))
    }
}
