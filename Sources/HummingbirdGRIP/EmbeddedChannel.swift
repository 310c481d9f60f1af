import GRIPAdapter
import GRIPProxy
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes

/// What a server does with its connections when the proxy is a part of it.
struct EmbeddedChannel: HTTPChannelHandler {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    let responder: Responder
    private let proxy: EmbeddedProxy
    private let embedding: GRIPEmbedding
    /// What it is known by as a publisher, where others may have subscribers before anybody is connected here.
    private let publisher: Int?
    private let handlerExecutor: GRIPHandlerExecutor

    init(
        proxy: EmbeddedProxy,
        embedding: GRIPEmbedding,
        handlerExecutor: GRIPHandlerExecutor,
        responder: @escaping Responder
    ) {
        self.proxy = proxy
        self.embedding = embedding
        self.publisher = proxy.hasBus ? embedding.add(proxy) : nil
        self.handlerExecutor = handlerExecutor
        self.responder = { request, writer, channel in
            try await responder(request, writer, channel)
            (channel as? InMemoryChannel)?.requestHandled()
        }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try self.proxy.adopt(channel)
            return Value(channel: channel)
        }
    }

    /// Runs the handlers of all connections, for the first of them; the others need no task.
    func handle(value: Value, logger: Logger) async {
        guard self.proxy.begin() else { return }
        let id = self.publisher ?? self.embedding.add(self.proxy)
        defer { self.embedding.remove(id) }
        await self.proxy.run(with: value.channel, on: self.handlerExecutor) { channel in
            await self.handleHTTP(asyncChannel: channel, logger: logger)
        }
    }
}
