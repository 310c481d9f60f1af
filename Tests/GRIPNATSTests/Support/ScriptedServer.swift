import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A server that does what a test tells it, where a real one cannot be made to.
///
/// It says INFO at once and answers pings; everything else is the test's.
final class ScriptedServer: Sendable {
    struct Script: Sendable {
        /// What it says first; `nil` to end the connection in place of it.
        var info: String? = "INFO {\"server_name\":\"scripted\",\"max_payload\":1000000,\"headers\":true}\r\n"
        /// How many pings of a connection are answered.
        var answeredPings = Int.max
        /// What it says after its first answer to a ping.
        var greeting = ""
    }

    /// Splits what comes into lines, and answers pings.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let server: ScriptedServer
        private var rest = ByteBuffer()
        private var pings = 0

        init(_ server: ScriptedServer) { self.server = server }

        func channelActive(context: ChannelHandlerContext) {
            guard let info = self.server.script.info else {
                self.server.connections.record(context.channel)
                return context.close(promise: nil)
            }
            context.writeAndFlush(NIOAny(ByteBuffer(string: info)), promise: nil)
            self.server.connections.record(context.channel)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var piece = self.unwrapInboundIn(data)
            self.rest.writeBuffer(&piece)
            while let end = self.rest.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                let length = end - self.rest.readerIndex
                let line = self.rest.readString(length: length)?.trimmingSuffix("\r") ?? ""
                self.rest.moveReaderIndex(forwardBy: 1)
                self.take(line, context)
            }
        }

        private func take(_ line: String, _ context: ChannelHandlerContext) {
            self.server.lines.record(line)
            guard line == "PING", self.pings < self.server.script.answeredPings else { return }
            self.pings += 1
            let greeting = self.pings == 1 ? self.server.script.greeting : ""
            context.writeAndFlush(NIOAny(ByteBuffer(string: "PONG\r\n" + greeting)), promise: nil)
        }
    }

    let script: Script
    /// The connections that clients have made, in order.
    let connections = Recorder<any Channel>()
    /// What clients have sent, without the ends of lines.
    let lines = Recorder<String>()
    private let listener = Mutex<(any Channel)?>(nil)

    private init(_ script: Script) { self.script = script }

    var port: Int { self.listener.withLock { $0?.localAddress?.port } ?? 0 }
    var url: String { "nats://127.0.0.1:\(self.port)" }

    /// Listens while `body` runs.
    static func run<Result>(
        _ script: Script = Script(),
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let server = ScriptedServer(script)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // So that a client's bytes have nowhere to wait but with the client.
            .serverChannelOption(.socketOption(.so_rcvbuf), value: 16_384)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.listener.withLock { $0 = listener }
        do {
            let result = try await body(server)
            try await server.close()
            return result
        } catch {
            try await server.close()
            throw error
        }
    }

    private func close() async throws {
        guard let listener = self.listener.withLock({ $0 }) else { return }
        try await listener.close()
        for channel in self.connections.elements {
            channel.close(promise: nil)
            try await channel.closeFuture.get()
        }
    }

    /// The connection that was made as the so-manieth, from 1.
    func connection(_ number: Int) async throws -> any Channel {
        try await self.connections.wait { $0.count >= number }[number - 1]
    }

    /// Waits until clients have sent a line so many times.
    func wait(for line: String, times: Int = 1) async throws {
        _ = try await self.lines.wait { $0.count { $0 == line } >= times }
    }
}

extension Channel {
    /// Sends a text to the client.
    func say(_ text: String) async throws { try await self.writeAndFlush(ByteBuffer(string: text)).get() }

    /// Ends the connection so that a client that does not read learns of it too.
    func reset() async throws {
        guard let options = self as? any SocketOptionProvider else { return }
        try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await self.close().get()
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        self.hasSuffix(suffix) ? String(self.dropLast(suffix.count)) : self
    }
}
