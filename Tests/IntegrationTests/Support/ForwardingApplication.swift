import GRIPProxy
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix

/// An application in the process of its proxy that lets an origin of another process answer.
///
/// It asks that origin on a connection for each request, and brings over what comes on either side, part by part.
struct ForwardingApplication: Sendable {
    typealias Application = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
    private typealias Origin = NIOAsyncChannel<HTTPResponsePart, HTTPRequestPart>

    let originPort: Int

    /// Serves the application's end of a connection until it is closed.
    func serve(_ connection: Application) async {
        do {
            try await connection.executeThenClose { requests, responses in
                var parts = requests.makeAsyncIterator()
                while let head = try await parts.next(isolation: #isolation) {
                    try await self.connect(on: connection.channel.eventLoop).executeThenClose { answer, question in
                        async let answered: Void = Self.bring(answer, to: responses)
                        try await Self.bring(head, and: &parts, to: question)
                        try await answered
                    }
                    (connection.channel as? InMemoryChannel)?.requestHandled()
                }
            }
        } catch {
            // The proxy learns of it by the end of the connection, as it would from a socket.
        }
    }

    private static func bring(
        _ head: HTTPRequestPart,
        and parts: inout NIOAsyncChannelInboundStream<HTTPRequestPart>.AsyncIterator,
        to origin: NIOAsyncChannelOutboundWriter<HTTPRequestPart>
    ) async throws {
        try await origin.write(head)
        while let part = try await parts.next(isolation: #isolation) {
            do {
                try await origin.write(part)
            } catch is ChannelError {
                // The origin may have answered without reading all.
                return
            }
            if case .end = part { return }
        }
    }

    private static func bring(
        _ parts: NIOAsyncChannelInboundStream<HTTPResponsePart>,
        to proxy: NIOAsyncChannelOutboundWriter<HTTPResponsePart>
    ) async throws {
        for try await part in parts {
            try await proxy.write(part)
            if case .end = part { return }
        }
        throw ChannelError.eof
    }

    private func connect(on eventLoop: any EventLoop) async throws -> Origin {
        try await ClientBootstrap(group: eventLoop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: self.originPort) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHTTPClientHandlers(
                        leftOverBytesStrategy: .fireError,
                        enableOutboundHeaderValidation: false
                    )
                    try pipeline.addHandler(HTTP1ToHTTPClientCodec())
                    return try Origin(wrappingChannelSynchronously: channel)
                }
            }
    }
}
