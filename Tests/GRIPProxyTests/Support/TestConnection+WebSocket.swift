import NIOCore

extension TestConnection {
    /// A frame that was received.
    struct Frame: Equatable {
        var opcode: UInt8
        var payload: ByteBuffer

        var text: String { String(buffer: self.payload) }

        /// The code of a Close frame.
        var closeCode: UInt16? { self.opcode == 0x8 ? self.payload.getInteger(at: self.payload.readerIndex) : nil }
    }

    private static let handshakeFields = """
        Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n
        """

    /// Asks for a WebSocket, without waiting for the answer.
    func requestWebSocket(_ path: String, followedBy bytes: [UInt8] = []) async throws {
        let head = "GET \(path) HTTP/1.1\r\nHost: a\r\n\(Self.handshakeFields)\r\n"
        try await self.send(Array(head.utf8) + bytes)
    }

    /// Asks for a WebSocket and receives the answer.
    ///
    /// - Returns: Whether there is one now.
    mutating func openWebSocket(_ path: String) async throws -> Bool {
        try await self.requestWebSocket(path)
        return try await self.text(upTo: "\r\n\r\n")?.hasPrefix("HTTP/1.1 101 ") ?? false
    }

    /// Accepts a WebSocket that was asked for.
    func acceptWebSocket(_ fields: String = "") async throws {
        try await self.send(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\(fields)\r\n"
        )
    }

    /// Sends a frame, masked as clients do or plain as origins do.
    func send(_ opcode: UInt8, _ payload: String = "", isFinal: Bool = true, masked: Bool = true) async throws {
        try await self.send(opcode, Array(payload.utf8), isFinal: isFinal, masked: masked)
    }

    func send(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, masked: Bool = true) async throws {
        var buffer = ByteBuffer()
        let maskBit: UInt8 = masked ? 0x80 : 0
        buffer.writeInteger((isFinal ? 0x80 : 0) | opcode)
        switch payload.count {
        case ..<126: buffer.writeInteger(maskBit | UInt8(payload.count))
        case ..<65_536:
            buffer.writeInteger(maskBit | 126)
            buffer.writeInteger(UInt16(payload.count))
        default:
            buffer.writeInteger(maskBit | 127)
            buffer.writeInteger(UInt64(payload.count))
        }
        // A mask of zeros changes nothing.
        if masked { buffer.writeInteger(UInt32(0)) }
        buffer.writeBytes(payload)
        try await self.send(Array(buffer.readableBytesView))
    }

    /// Receives a frame, or nothing when the other side ends before.
    mutating func frame() async throws -> Frame? {
        guard var head = try await self.bytes(2), let first = head.readInteger(as: UInt8.self),
            let second = head.readInteger(as: UInt8.self)
        else { return nil }
        var count = Int(second & 0x7F)
        if count == 126 {
            guard let length = try await self.bytes(2)?.getInteger(at: 0, as: UInt16.self) else { return nil }
            count = Int(length)
        } else if count == 127 {
            guard let length = try await self.bytes(8)?.getInteger(at: 0, as: UInt64.self) else { return nil }
            count = Int(length)
        }
        let mask = second & 0x80 == 0 ? nil : try await self.bytes(4).map { Array($0.readableBytesView) }
        guard var payload = try await self.bytes(count) else { return nil }
        if let mask {
            let plain = payload.readableBytesView.enumerated().map { $0.element ^ mask[$0.offset % 4] }
            payload = ByteBuffer(bytes: plain)
        }
        return Frame(opcode: first & 0x0F, payload: payload)
    }
}
