import GRIPEngine
import NIOCore

extension ReadBudget {
    /// Reads of a channel that is like any other.
    ///
    /// Connections keep a buffer of the size of their last requests for as long as they last.
    static let buffers = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: Self.maximumByteCount)

    /// Ends a read, and lets the next ones of the channel be smaller or larger.
    ///
    /// - Parameter channel: The connection that was read.
    /// - Returns: Whether the next ones are smaller.
    mutating func endRead(of channel: any Channel) -> Bool {
        let former = self.byteCount
        guard self.endRead() else { return false }
        var allocator: any RecvByteBufferAllocator = Self.buffers
        if let byteCount = self.byteCount { allocator = SmallReads(byteCount: byteCount) }
        do {
            try channel.syncOptions?.setOption(.recvAllocator, value: allocator)
            // Otherwise what is read at a time is that times four.
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
        } catch {
            // It is closed, and not read any more.
        }
        return (self.byteCount ?? Self.maximumByteCount) < (former ?? Self.maximumByteCount)
    }
}

/// Buffers of one size, each of them new.
///
/// NIO reads into the buffer of the read before for as long as an allocator does not say that the next one is to grow,
/// and as much as that one takes.
private struct SmallReads: RecvByteBufferAllocator {
    let byteCount: Int

    func record(actualReadBytes: Int) -> Bool { true }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: self.byteCount) }
}
