import GRIPEngine
import NIOCore
import NIOPosix
import Testing

@testable import GRIPProxy

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Clients that are gone while something is written to them: the proxy reads that they have closed their side, and the
/// next write finds that nobody is there.
@Suite("Clients that are gone while something is written to them", .timeLimit(.minutes(5)))
struct ResetClientTests {
    /// A socket without any library around it, so that it can be closed at a given moment.
    private struct Client: Sendable {
        private let descriptor: Int32

        /// Connects, on a thread that runs no tasks, as connecting waits.
        static func connected(to port: Int) async throws -> Self {
            try await NIOThreadPool.singleton.runIfActive { try Self(port: port) }
        }

        private init(port: Int) throws {
            #if canImport(Darwin)
            self.descriptor = socket(AF_INET, SOCK_STREAM, 0)
            #else
            self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            #endif
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            let result = withUnsafeBytes(of: &address) {
                connect(self.descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
            }
            try #require(result == 0)
        }

        func send(_ text: String) throws {
            let bytes = Array(text.utf8)
            try #require(write(self.descriptor, bytes, bytes.count) == bytes.count)
        }

        /// Receives up to and with a text.
        ///
        /// The system call waits, and what waits on a thread that runs tasks keeps the other tests from running.
        func receive(upTo end: String) async throws {
            let descriptor = self.descriptor
            try await NIOThreadPool.singleton.runIfActive {
                var text = ""
                while !text.hasSuffix(end) {
                    var byte: UInt8 = 0
                    try #require(read(descriptor, &byte, 1) == 1, "\(text)")
                    text.unicodeScalars.append(Unicode.Scalar(byte))
                }
            }
        }

        func end() { close(self.descriptor) }
    }

    private static func withConnection(_ body: (_ client: Client, _ channel: any Channel) async throws -> Void)
        async throws
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let core = try ProxyCore(routes: "* test", loop: group.next())
        let accepted = group.next().makePromise(of: (any Channel).self)
        let server = try await ServerBootstrap(group: group)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                accepted.succeed(channel)
                return channel.eventLoop.makeCompletedFuture { try core.adopt(channel, isOverTLS: false) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let client = try await Client.connected(to: port)
        try await body(client, accepted.futureResult.get())
        try await server.close()
        try await group.shutdownGracefully()
    }

    @Test("A stream", arguments: 0..<20)
    func stream(round: Int) async throws {
        try await Self.withConnection { client, channel in
            try client.send("GET /stream?channel=a HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.receive(upTo: "[stream opened]\n\r\n")
            try await channel.eventLoop.submit {
                let handler = try channel.pipeline.syncOperations.handler(type: HTTP1ClientHandler.self)
                client.end()
                // The first one tells this side that the client is gone, the second one waits to be written.
                handler.writeRaw(ByteBuffer(string: "one"))
                handler.flush()
                handler.writeRaw(ByteBuffer(string: "two"))
            }.get()
            try await channel.closeFuture.get()
        }
    }

    @Test("A WebSocket", arguments: 0..<20)
    func webSocket(round: Int) async throws {
        try await Self.withConnection { client, channel in
            try client.send(
                """
                GET /ws?channel=a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n
                """
            )
            try await client.receive(upTo: "\r\n\r\n")
            try await channel.eventLoop.submit {
                let handler = try channel.pipeline.syncOperations.handler(type: WebSocketClientHandler.self)
                client.end()
                handler.send(1, isFinal: true, ByteBuffer(string: "one"))
                handler.flush()
                handler.send(1, isFinal: true, ByteBuffer(string: "two"))
            }.get()
            try await channel.closeFuture.get()
        }
    }
}
