import NIOCore
import NIOPosix
import Synchronization

/// A connection on which a test writes and reads bytes, and reads only when it wants to.
///
/// Exists only inside ``withConnection(to:_:)``.
final class RawConnection: Sendable {
    private let channel: any Channel
    private let bytes: Mailbox<ByteBuffer>
    private let unread = Mutex(ByteBuffer())
    private let sentCount = Atomic(0)

    fileprivate init(_ channel: any Channel, _ bytes: Mailbox<ByteBuffer>) {
        self.channel = channel
        self.bytes = bytes
    }

    /// How many bytes the system has taken.
    var sentByteCount: Int { self.sentCount.load(ordering: .relaxed) }

    func send(_ text: String) async throws { try await self.channel.writeAndFlush(ByteBuffer(string: text)) }

    /// Sends without waiting for the other side to take it.
    func sendLater(_ buffer: ByteBuffer) {
        self.channel.writeAndFlush(buffer).whenSuccess {
            self.sentCount.add(buffer.readableBytes, ordering: .relaxed)
        }
    }

    /// Begins to read what arrives, or stops it.
    func setReading(_ isReading: Bool) async throws {
        try await self.channel.setOption(.autoRead, value: isReading).get()
        if isReading { self.channel.read() }
    }

    /// Reads up to the end of the next occurrence of `text` and gives what was read, `text` included.
    func readUntil(_ text: String, within limit: Duration = .seconds(60)) async throws -> String {
        let deadline = ContinuousClock.now + limit
        let wanted = Array(text.utf8)
        while true {
            let found = self.unread.withLock { unread -> String? in
                let view = unread.readableBytesView
                guard let range = view.firstRange(of: wanted) else { return nil }
                return unread.readString(length: range.upperBound - view.startIndex)
            }
            if let found { return found }
            guard try await self.more(before: deadline) else {
                throw TimedOut("the connection ended before \"\(text)\"")
            }
        }
    }

    /// Reads until the other side closes the connection.
    func readToEnd(within limit: Duration = .seconds(60)) async throws -> ByteBuffer {
        let deadline = ContinuousClock.now + limit
        while try await self.more(before: deadline) {}
        return self.unread.withLock { unread in
            defer { unread.clear() }
            return unread
        }
    }

    private func more(before deadline: ContinuousClock.Instant) async throws -> Bool {
        guard let next = try await self.bytes.next(within: deadline - .now) else { return false }
        self.unread.withLock { unread in _ = unread.writeImmutableBuffer(next) }
        return true
    }

    func close() async throws { try await self.channel.close() }
}

/// Gives `body` a connection to a port of this machine.
func withConnection<Result: Sendable>(
    to port: Int,
    _ body: (RawConnection) async throws -> Result
) async throws -> Result {
    let bytes = Mailbox<ByteBuffer>()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Reader(bytes))
            }
        }
        .connect(host: "127.0.0.1", port: port)
        .get()
    let result: Swift.Result<Result, any Error>
    do {
        result = .success(try await body(RawConnection(channel, bytes)))
    } catch {
        result = .failure(error)
    }
    // It may be closed already.
    try? await channel.close()
    return try result.get()
}

private final class Reader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let bytes: Mailbox<ByteBuffer>

    init(_ bytes: Mailbox<ByteBuffer>) { self.bytes = bytes }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.bytes.put(self.unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) { self.bytes.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Waits until a number no longer changes, and gives it.
///
/// That something has come to a stand cannot be waited for in another way.
func settled(_ number: () -> Int) async throws -> Int {
    var last = number()
    var steadyCount = 0
    for _ in 0..<400 {
        try await Task.sleep(for: .milliseconds(25))
        let now = number()
        steadyCount = now == last && now > 0 ? steadyCount + 1 : 0
        last = now
        if steadyCount == 12 { return now }
    }
    throw TimedOut("it never came to a stand: \(last)")
}
