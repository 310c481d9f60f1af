package import NIOCore

/// What was sent of a request's body, as long as it is little enough to be kept for sending it again.
package struct SentBody: Sendable, Hashable {
    /// How much is kept, in bytes.
    package static let limit = 65_536

    private var first: ByteBuffer?
    /// All behind the first piece, as one: each piece would take far more than its bytes.
    private var others = ByteBuffer()
    private var byteCount = 0
    /// Whether all that was sent is there.
    package private(set) var isWhole = true

    package init() {}

    /// Whether a body of a length will be kept as a whole.
    package static func keeps(_ length: BodyLength) -> Bool {
        switch length {
        case .none: true
        case .known(let count): count <= Self.limit
        case .untilEnd: false
        }
    }

    /// Adds what is sent.
    ///
    /// - Parameters:
    ///   - bytes: A piece of the body.
    ///   - isUnsent: Whether it is yet to be sent, so that it has to be kept.
    package mutating func append(_ bytes: ByteBuffer, isUnsent: Bool) {
        guard self.isWhole else { return }
        self.byteCount += bytes.readableBytes
        guard isUnsent || self.byteCount <= Self.limit else {
            self = SentBody()
            self.isWhole = false
            return
        }
        if self.first == nil { self.first = bytes } else { self.others.writeImmutableBuffer(bytes) }
    }

    /// All of it, in order.
    package var pieces: [ByteBuffer] {
        (self.first.map { [$0] } ?? []) + (self.others.readableBytes > 0 ? [self.others] : [])
    }
}
