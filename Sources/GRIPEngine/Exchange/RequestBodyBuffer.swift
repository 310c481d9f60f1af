import HTTPTypes
import NIOCore

/// The body of a client's request: what is still to be sent, and what is remembered to send it again.
///
/// What is remembered is one piece of memory, however many pieces it came in: each piece would take far more than its
/// bytes, and might keep all that was read with it.
struct RequestBodyBuffer: Sendable, Hashable {
    /// The whole body so far where it is remembered, otherwise what is still to be sent.
    private var memory = ByteBuffer()
    /// How much of the memory is sent.
    private var sentByteCount = 0
    /// All that is still to be sent, as it came, while that is one piece.
    private var direct: ByteBuffer?
    private var byteCount = 0
    private var isEndSent = false
    private(set) var unsentByteCount = 0
    private(set) var trailers: HTTPFields?
    private(set) var isComplete = false
    /// Whether the whole body is remembered.
    private(set) var isRemembered = true
    /// Whether all of the body that has come is there, so that it can be sent from its beginning.
    private(set) var isWhole = true
    /// Whether more of the body is wanted.
    var isRead = true

    mutating func append(_ bytes: ByteBuffer, limit: Int) {
        guard bytes.readableBytes > 0 else { return }
        self.byteCount += bytes.readableBytes
        if self.isRemembered, self.byteCount > limit { self.forget() }
        let isOnly = self.unsentByteCount == 0
        if self.isRemembered {
            self.memory.writeImmutableBuffer(bytes)
        } else if !isOnly {
            if let direct { self.memory.writeImmutableBuffer(direct) }
            self.memory.writeImmutableBuffer(bytes)
        }
        self.direct = isOnly ? bytes : nil
        self.unsentByteCount += bytes.readableBytes
    }

    /// Keeps only what is still to be sent.
    private mutating func forget() {
        self.isRemembered = false
        if self.sentByteCount > 0 { self.isWhole = false }
        if self.unsentByteCount == 0 || self.direct != nil {
            self.memory = ByteBuffer()
        } else {
            self.memory.moveReaderIndex(forwardBy: self.sentByteCount)
        }
        self.sentByteCount = 0
    }

    mutating func end(_ trailers: HTTPFields?) {
        self.isComplete = true
        self.trailers = trailers
    }

    /// What is to be sent now, if there is anything.
    mutating func takeUnsent() -> ByteBuffer? {
        guard self.unsentByteCount > 0 else { return nil }
        let start = self.memory.readerIndex + self.sentByteCount
        let unsent = self.direct ?? self.memory.getSlice(at: start, length: self.unsentByteCount)
        self.direct = nil
        self.unsentByteCount = 0
        if self.isRemembered {
            self.sentByteCount = self.memory.readableBytes
        } else {
            self.isWhole = false
            self.memory = ByteBuffer()
        }
        return unsent
    }

    /// Whether the end is to be sent now.
    mutating func takeEnd() -> Bool {
        guard self.isComplete, !self.isEndSent else { return false }
        self.isEndSent = true
        return true
    }

    /// Begins anew with another target.
    ///
    /// The former one has read nothing.
    mutating func rewind() {
        self.isEndSent = false
        guard self.isRemembered else { return }
        self.direct = nil
        self.sentByteCount = 0
        self.unsentByteCount = self.memory.readableBytes
    }

    /// The body as one piece, or nothing when it is not remembered.
    var remembered: [ByteBuffer]? {
        guard self.isRemembered, self.isComplete else { return nil }
        return self.memory.readableBytes > 0 ? [self.memory] : []
    }
}
