import GRIPEngine
import HTTPTypes
import NIOCore
import NIOEmbedded
import Testing

@testable import GRIPProxy

/// What a connection to an origin keeps of the bodies that go over it.
@Suite("The memory of uploads")
struct UploadMemoryTests {
    private final class Receiver: OriginReceiver {
        func originWritabilityChanged(_ isWritable: Bool) {}
        func originHead(_ head: HTTPResponse) {}
        func originBody(_ bytes: ByteBuffer) {}
        func originReadComplete() {}
        func originEnd(_ trailers: HTTPFields?) {}
        func originFailed(_ failure: OriginFailure) {}
    }

    @Test(
        "It does not grow with the number of pieces",
        arguments: [BodyLength.known(10_000_000), .untilEnd],
        [1000, 10_000]
    )
    func pieces(length: BodyLength, size: Int) throws {
        let client = try EmbeddedClient(routes: "* test")
        let loop = try #require(client.loops.first)
        let server = OriginServer(host: "a", port: 1)
        let request = OriginRequest(
            to: .server(server),
            method: .post,
            authority: "a",
            path: "/",
            fields: PassedFields(),
            bodyLength: length
        )
        let receiver = Receiver()
        let call = PooledOriginCall(request, for: receiver, pool: loop.pool)
        let handler = OriginHTTP1Handler(id: 0, server: server, for: call, pool: loop.pool)
        let channel = EmbeddedChannel(handler: handler.wire)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        handler.wire.begin(request)
        handler.wire.endBeginning()
        let piece = ByteBuffer(repeating: UInt8(ascii: "a"), count: size)
        var (byteCount, capacity) = (0, 0)
        for _ in 0..<(10_000_000 / size) {
            handler.wire.send(piece, of: request)
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
                byteCount += bytes.readableBytes
                capacity = max(capacity, bytes.storageCapacity)
            }
        }
        #expect(byteCount > 10_000_000)
        #expect(capacity <= 16_384)
    }
}
