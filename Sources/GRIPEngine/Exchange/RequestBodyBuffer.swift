import HTTPTypes
import NIOCore

/// The body of a client's request: what is still to be sent, and what is remembered to send it again.
struct RequestBodyBuffer: Sendable, Hashable {
    private var chunks: [ByteBuffer] = []
    private var sentCount = 0
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
        self.unsentByteCount += bytes.readableBytes
        self.chunks.append(bytes)
        guard self.byteCount > limit else { return }
        self.isRemembered = false
        self.forgetSent()
    }

    mutating func end(_ trailers: HTTPFields?) {
        self.isComplete = true
        self.trailers = trailers
    }

    mutating func takeUnsent() -> ArraySlice<ByteBuffer> {
        let unsent = self.chunks[self.sentCount...]
        self.sentCount = self.chunks.count
        self.unsentByteCount = 0
        if !self.isRemembered { self.forgetSent() }
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
        self.sentCount = 0
        self.isEndSent = false
        self.unsentByteCount = self.chunks.reduce(0) { $0 + $1.readableBytes }
    }

    /// The body as one piece, or nothing when it is not remembered.
    var remembered: [ByteBuffer]? { self.isRemembered && self.isComplete ? self.chunks : nil }

    private mutating func forgetSent() {
        if self.sentCount > 0 { self.isWhole = false }
        self.chunks.removeFirst(self.sentCount)
        self.sentCount = 0
    }
}
