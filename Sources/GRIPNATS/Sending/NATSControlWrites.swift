package import NIOCore

/// What a session itself says, apart from messages and subscriptions: who it is, pings, and answers to those of the server.
///
/// Of a server that asks for answers and does not read them, they would fill the memory.
package struct NATSControlWrites: Sendable {
    /// How many bytes may be on their way to the system.
    package static let maximumByteCount = 65_536

    private var waiting = ByteBuffer()
    /// What was handed to the channel and is not yet with the system.
    private var inFlight = 0

    package init() {}

    /// Takes an operation, to be written with all that come together with it.
    package mutating func add(_ operation: NATSClientOperation) { self.waiting.writeNATS(operation) }

    /// Whether so much of what was written before is not with the system that the server is of no use.
    package var isStalled: Bool { self.inFlight > Self.maximumByteCount }

    /// Takes what came together, to be written now.
    package mutating func take() -> ByteBuffer? {
        guard self.waiting.readableBytes > 0 else { return nil }
        defer { self.waiting = ByteBuffer() }
        self.inFlight += self.waiting.readableBytes
        return self.waiting
    }

    /// Learns that so many bytes are with the system.
    package mutating func written(_ byteCount: Int) { self.inFlight -= byteCount }
}
