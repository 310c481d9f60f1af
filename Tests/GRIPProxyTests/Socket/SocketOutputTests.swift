import GRIP
import NIOCore
import NIOPosix
import Testing

@testable import GRIPProxy

@Suite("Bytes past the channel", .timeLimit(.minutes(5)))
struct SocketOutputTests {
    @Test("All bytes arrive in order, whatever the socket takes at once", arguments: [1, 2, 3] as [UInt64])
    func order(seed: UInt64) async throws {
        try await withOwnGroup { group in
            try await Self.withWriter(on: group) { address, writers in
                try await withConnection(to: address, on: group, receiveBuffer: 4096) { client in
                    var iterator = writers.makeAsyncIterator()
                    let writer = try #require(await iterator.next())
                    var script = Script(seed: seed)
                    var position = 0
                    for round in 0..<100 {
                        let steps = script.steps()
                        let count = steps.reduce(0) { $0 + $1.count }
                        try await group.next().submit { writer.value.perform(steps) }.get()
                        let received = try #require(try await client.bytes(count))
                        let expected = Script.bytes(count, at: position)
                        #expect(received == expected, "round \(round)")
                        position += count
                    }
                    let sent = try await group.next().submit { writer.value.sent }.get()
                    // The system's buffer is small.
                    #expect(sent.atOnce > 0 && sent.later > 0, "\(sent)")
                }
            }
        }
    }

    @Test("Who is gone is noticed by the channel")
    func gone() async throws {
        try await withOwnGroup { group in
            try await Self.withWriter(on: group) { address, writers in
                let writer = try await withConnection(to: address, on: group) { client in
                    var iterator = writers.makeAsyncIterator()
                    let writer = try #require(await iterator.next())
                    let steps = [
                        Step(count: 1, position: 0, flushes: true), Step(count: 1, position: 1, flushes: true),
                    ]
                    try await group.next().submit { writer.value.perform(steps) }.get()
                    #expect(try await client.bytes(2) != nil)
                    return writer
                }
                let closing = try await group.next().submit { writer.value.channel?.closeFuture }.get()
                try await closing?.get()
                // Its descriptor may be another connection's by now.
                let isOpen = try await group.next().submit {
                    writer.value.perform([Step(count: 1, position: 2, flushes: true)])
                    return writer.value.channel?.isActive ?? false
                }.get()
                #expect(!isOpen)
            }
        }
    }

    @Test("What waits counts with what each buffer takes, whether the channel has it or not")
    func overhead() {
        var output = SocketOutput()
        #expect(output.pendingByteCount(buffered: 0) == 0)
        for _ in 0..<10 { _ = output.add(ByteBuffer(string: "x")) }
        #expect(output.pendingByteCount(buffered: 0) == 10 + 10 * SocketOutput.overhead)
        #expect(!output.mayBeMany)
        for _ in 0..<100 {
            for _ in 0..<10 { _ = output.add(ByteBuffer(string: "x")) }
            _ = output.beginLeaving(flushes: true)
            _ = output.takeForChannel()
            _ = output.endLeaving()
        }
        #expect(output.mayBeMany)
        #expect(output.pendingByteCount(buffered: 1010) == 1010 + 1010 * SocketOutput.overhead)
        // Half of it is sent.
        #expect(output.pendingByteCount(buffered: 505) == 505 + 505 * SocketOutput.overhead)
        #expect(output.pendingByteCount(buffered: 0) == 0)
        #expect(!output.mayBeMany)
        // Large ones have few.
        _ = output.add(ByteBuffer(repeating: 0, count: 100_000))
        _ = output.beginLeaving(flushes: true)
        _ = output.takeForChannel()
        #expect(output.pendingByteCount(buffered: 100_000) == 100_000 + SocketOutput.overhead)
    }

    /// Runs a server with a writer for each connection, and a small buffer of the system.
    private static func withWriter<Result>(
        on group: MultiThreadedEventLoopGroup,
        _ body: (SocketAddress, AsyncStream<NIOLoopBound<Writer>>) async throws -> Result
    ) async throws -> Result {
        let (writers, found) = AsyncStream.makeStream(of: NIOLoopBound<Writer>.self)
        let server = try await ServerBootstrap(group: group)
            .childChannelOption(.socketOption(.so_sndbuf), value: 4096)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let writer = Writer()
                    try channel.pipeline.syncOperations.addHandler(writer)
                    found.yield(NIOLoopBound(writer, eventLoop: channel.eventLoop))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(server.localAddress)
        let result = await Swift.Result.catching { try await body(address, writers) }
        try await server.close()
        return try result.get()
    }
}

/// Bytes to add, and whether they are to be sent.
private struct Step: Sendable {
    let count: Int
    let position: Int
    let flushes: Bool
}

/// Rounds of steps, of which each ends with everything sent.
private struct Script {
    private var random: SplitMix64
    private var position = 0

    init(seed: UInt64) { self.random = SplitMix64(seed: seed) }

    mutating func steps() -> [Step] {
        let last = Int.random(in: 0..<20, using: &self.random)
        return (0...last).map { index in
            let longest = [100, 3000, 20_000].randomElement(using: &self.random) ?? 0
            let count = Int.random(in: 0...longest, using: &self.random)
            defer { self.position += count }
            return Step(
                count: count,
                position: self.position,
                flushes: index == last || Int.random(in: 0..<4, using: &self.random) == 0
            )
        }
    }

    /// What stands at a position, which differs from what stands nearby.
    static func bytes(_ count: Int, at position: Int) -> ByteBuffer {
        ByteBuffer(bytes: (position..<(position + count)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
    }
}

private final class Writer: ChannelInboundHandler, SocketWriter {
    typealias InboundIn = ByteBuffer

    private(set) var context: ChannelHandlerContext?
    private(set) var channel: (any Channel)?
    /// How many flushes left nothing to the channel, and how many did.
    private(set) var sent = (atOnce: 0, later: 0)
    var output = SocketOutput()

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.channel = context.channel
        self.output = SocketOutput(past: context.channel)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Flushes on the occasion, as connections do, also in the middle of what goes to the channel.
    func channelWritabilityChanged(context: ChannelHandlerContext) { self.flushOutput() }

    func perform(_ steps: [Step]) {
        for step in steps {
            self.addOutput(Script.bytes(step.count, at: step.position))
            guard step.flushes else { continue }
            self.flushOutput()
            if self.pendingByteCount == 0 { self.sent.atOnce += 1 } else { self.sent.later += 1 }
        }
    }
}
