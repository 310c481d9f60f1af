import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a connection has to send, and the short way to its socket.
///
/// A channel takes what is written through its pipeline into a list of pending writes, with promises, before it makes
/// a system call. Where nothing waits there and nothing in the pipeline changes what is written, the system call alone
/// does. What the socket does not take at once goes to the channel, which knows how to wait.
struct SocketOutput {
    /// What more there is goes to the channel even before it is to be sent, so that the channel can tell that it is
    /// too much.
    private static let maximumByteCount = 32_768
    private static let maximumBufferCount = 64
    /// What a buffer that waits takes besides its bytes: its place in the list of the channel, which grows by doubling, and
    /// the memory that it is in.
    static let overhead = 128
    /// From how many buffers on they are to be counted although they may have few bytes.
    private static let manyBuffers = 256
    /// Up to how many bytes small parts are written one behind the other into one buffer.
    private static let joinedByteCount = 4096

    /// Nothing when all is left to the channel.
    private var channel: (any Channel)?
    private var socket: Socket?
    /// Whether anything was to be sent before: to find the socket takes longer than the channel needs for it.
    private var isUsed = false
    private var first: ByteBuffer?
    private var others: [ByteBuffer] = []
    /// Whether the last buffer belongs to nobody else, so that more can be written to it.
    private var ownsLast = false
    /// What is to be sent and the channel does not have yet, in bytes.
    private(set) var byteCount = 0
    /// Whether the system took nothing the last time, and will not, because the connection has ended.
    private(set) var isRefused = false
    /// Whether the channel may have something to send, which has to go first.
    private var isChannelBehind = true
    /// Whether the channel has something that it was not told to send yet.
    private var isChannelUnflushed = false
    /// What went to the channel and may wait there: how many buffers with how many bytes.
    private var left = (bufferCount: 0, byteCount: 0)
    /// Whether what there is goes to the channel just now, and whether that is to be told to send it afterwards.
    private var isLeaving = false
    private var wantsFlush = false

    /// An output that leaves everything to the channel.
    init() {}

    /// An output that goes past the channel, where that is a socket.
    ///
    /// - Parameter channel: A channel with nothing in its pipeline that would change what is written.
    init(past channel: any Channel) { self.channel = channel }

    /// Adds bytes behind those that are not sent yet.
    ///
    /// - Returns: Whether there is room; otherwise all is to be left to the channel.
    mutating func add(_ bytes: ByteBuffer) -> Bool {
        if self.first == nil { self.first = bytes } else { self.others.append(bytes) }
        self.ownsLast = false
        self.byteCount += bytes.readableBytes
        return self.hasRoom
    }

    /// Adds bytes behind those that are not sent yet, and joins small parts.
    ///
    /// - Parameters:
    ///   - byteCount: About how many bytes there are, at least.
    ///   - write: Writes them.
    /// - Returns: Whether there is room; otherwise all is to be left to the channel.
    mutating func add(byteCount: Int, _ write: (inout ByteBuffer) -> Void) -> Bool {
        var bytes: ByteBuffer
        if self.ownsLast, let last = self.takeLast(joining: byteCount) {
            bytes = last
        } else {
            bytes = ByteBuffer()
            bytes.reserveCapacity(byteCount)
        }
        let former = bytes.readableBytes
        write(&bytes)
        self.byteCount += bytes.readableBytes - former
        if self.first == nil { self.first = bytes } else { self.others.append(bytes) }
        self.ownsLast = true
        return self.hasRoom
    }

    /// Takes out the last buffer, if there is room for more in it.
    private mutating func takeLast(joining byteCount: Int) -> ByteBuffer? {
        if let last = self.others.last {
            guard last.readableBytes + byteCount <= Self.joinedByteCount else { return nil }
            return self.others.removeLast()
        }
        guard let first = self.first, first.readableBytes + byteCount <= Self.joinedByteCount else { return nil }
        self.first = nil
        return first
    }

    private var hasRoom: Bool {
        self.byteCount <= Self.maximumByteCount && self.others.count < Self.maximumBufferCount
    }

    // MARK: What waits

    /// Whether so much can wait that somebody should ask how much it is.
    var mayBeMany: Bool { self.left.bufferCount + self.others.count >= Self.manyBuffers }

    /// What waits, with what it takes besides its bytes.
    ///
    /// The channel tells its bytes and not its buffers. They leave in order, so that those that wait are about as large as
    /// those that came.
    ///
    /// - Parameter buffered: How many bytes the channel has.
    mutating func pendingByteCount(buffered: Int) -> Int {
        if buffered < self.left.byteCount {
            let share = Double(buffered) / Double(self.left.byteCount)
            self.left = (Int((Double(self.left.bufferCount) * share).rounded(.up)), buffered)
        }
        let bufferCount = self.left.bufferCount + self.others.count + (self.first == nil ? 0 : 1)
        return buffered + self.byteCount + bufferCount * Self.overhead
    }

    // MARK: Sending

    /// Sends what there is past the channel.
    ///
    /// - Returns: Whether nothing is left; otherwise all is to be left to the channel, and that to be flushed.
    mutating func send() -> Bool {
        guard !self.isChannelUnflushed else { return false }
        guard let first = self.first else { return true }
        guard let socket = self.findSocket(), self.isChannelEmpty else { return false }
        let sent = self.others.isEmpty ? socket.send(first) : socket.send(first, self.others)
        guard sent == self.byteCount else {
            self.isRefused = sent < 0
            self.drop(sent)
            return false
        }
        self.clear()
        return true
    }

    /// The socket, as long as it is the channel's, which gives it up as soon as it is inactive.
    private mutating func findSocket() -> Socket? {
        guard let channel = self.channel, channel.isActive else { return nil }
        if self.socket == nil, self.isUsed {
            self.socket = Socket(of: channel)
            if self.socket == nil { self.channel = nil }
        }
        self.isUsed = true
        return self.socket
    }

    private var isChannelEmpty: Bool {
        mutating get {
            guard self.isChannelBehind else { return true }
            do {
                self.isChannelBehind = try self.channel?.syncOptions?.getOption(.bufferedWritableBytes) != 0
            } catch {
                // It is closed.
            }
            if !self.isChannelBehind { self.left = (0, 0) }
            return !self.isChannelBehind
        }
    }

    /// Begins to leave everything to the channel.
    ///
    /// - Parameter flushes: Whether the channel is to be told to send it.
    /// - Returns: Whether that is to be done now; otherwise it is being done already.
    mutating func beginLeaving(flushes: Bool) -> Bool {
        if flushes { self.wantsFlush = true }
        guard !self.isLeaving else { return false }
        self.isLeaving = true
        self.isChannelBehind = true
        self.isChannelUnflushed = true
        return true
    }

    /// Takes what there is, for the channel.
    mutating func takeForChannel() -> (first: ByteBuffer, others: [ByteBuffer])? {
        guard let first = self.first else { return nil }
        let others = self.others
        self.left.bufferCount += others.count + 1
        self.left.byteCount += self.byteCount
        self.clear()
        return (first, others)
    }

    /// Ends what ``beginLeaving(flushes:)`` began.
    ///
    /// - Returns: Whether the channel is to be told to send what it has.
    mutating func endLeaving() -> Bool {
        let flushes = self.wantsFlush
        self.isLeaving = false
        self.wantsFlush = false
        self.isChannelUnflushed = !flushes
        return flushes
    }

    private mutating func clear() {
        self.first = nil
        if !self.others.isEmpty { self.others = [] }
        self.ownsLast = false
        self.byteCount = 0
    }

    /// Forgets bytes that are sent.
    private mutating func drop(_ sent: Int) {
        guard var buffer = self.first, sent > 0 else { return }
        var missing = sent
        self.byteCount -= sent
        while missing >= buffer.readableBytes, !self.others.isEmpty {
            missing -= buffer.readableBytes
            buffer = self.others.removeFirst()
        }
        buffer.moveReaderIndex(forwardBy: missing)
        self.first = buffer
    }
}

extension SocketOutput {
    /// The socket of a channel.
    private struct Socket {
        private let descriptor: CInt

        init?(of channel: any Channel) {
            do {
                let descriptor = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                    of: NIOBSDSocket.Handle.self
                ) { $0 }
                guard let descriptor else { return nil }
                self.descriptor = descriptor
            } catch {
                // It is closed already.
                return nil
            }
        }

        /// Sends bytes.
        ///
        /// - Returns: How many the system took: none where that is not possible now, less than none where it never will
        ///   be, which the channel finds out by itself.
        func send(_ bytes: ByteBuffer) -> Int {
            bytes.withUnsafeReadableBytes { bytes in
                Self.count { sendWithoutSignal(self.descriptor, bytes.baseAddress, bytes.count) }
            }
        }

        func send(_ first: ByteBuffer, _ others: [ByteBuffer]) -> Int {
            withExtendedLifetime((first, others)) {
                withUnsafeTemporaryAllocation(of: iovec.self, capacity: others.count + 1) { vectors in
                    vectors.initializeElement(at: 0, to: Self.vector(first))
                    for (index, bytes) in others.enumerated() {
                        vectors.initializeElement(at: index + 1, to: Self.vector(bytes))
                    }
                    return Self.count { sendWithoutSignal(self.descriptor, vectors) }
                }
            }
        }

        /// Where bytes are, for as long as their buffer lives.
        private static func vector(_ bytes: ByteBuffer) -> iovec {
            bytes.withUnsafeReadableBytesWithStorageManagement { bytes, _ in
                iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
            }
        }

        private static func count(_ send: () -> Int) -> Int {
            while true {
                let count = send()
                if count >= 0 { return count }
                guard errno == EINTR else { return errno == EPIPE || errno == ECONNRESET ? -1 : 0 }
            }
        }
    }
}

#if canImport(Darwin)
/// A socket of NIO's is told not to send signals.
private let withoutSignal: CInt = 0
#else
private let withoutSignal = CInt(MSG_NOSIGNAL)
#endif

private func sendWithoutSignal(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    send(descriptor, bytes, count, withoutSignal)
}

private func sendWithoutSignal(_ descriptor: CInt, _ vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
    var message = msghdr()
    message.msg_iov = vectors.baseAddress
    message.msg_iovlen = .init(vectors.count)
    return sendmsg(descriptor, &message, withoutSignal)
}
