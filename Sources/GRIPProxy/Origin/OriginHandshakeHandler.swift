import GRIPEngine
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOTLS
import NIOWebSocket

/// A connection to an origin while it is asked for a WebSocket.
final class OriginHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let origin: OriginWebSocket
    private let usesTLS: Bool
    private let reasonPhrase: ReasonPhraseReader
    private let codecs: [any RemovableChannelHandler]
    private var fields = HTTPFields()

    init(
        _ origin: OriginWebSocket,
        usesTLS: Bool,
        reasonPhrase: ReasonPhraseReader,
        codecs: [any RemovableChannelHandler]
    ) {
        self.reasonPhrase = reasonPhrase
        self.origin = origin
        self.usesTLS = usesTLS
        self.codecs = codecs
    }

    func channelActive(context: ChannelHandlerContext) {
        if !self.usesTLS { self.begin(context) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event { self.begin(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard let head = self.origin.handshake() else { return }
        self.reasonPhrase.expectResponse()
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            do {
                let response = try self.reasonPhrase.response(head)
                self.fields = response.headerFields
                self.origin.receiveHead(response)
            } catch {
                self.origin.failed(error)
                context.close(promise: nil)
            }
        case .body(let bytes): self.origin.receiveBody(bytes)
        case .end:
            guard self.origin.receiveEnd() else { return }
            self.upgrade(context)
        }
    }

    private func upgrade(_ context: ChannelHandlerContext) {
        let operations = context.pipeline.syncOperations
        let limit = self.origin.frameLimit
        let webSocket = OriginWebSocketHandler(self.origin, usesTLS: self.usesTLS)
        do {
            let frames = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limit))
            try operations.addHandler(frames, position: .after(self))
            try operations.addHandler(webSocket, position: .after(frames))
        } catch {
            return context.close(promise: nil)
        }
        self.origin.opened(self.fields)
        // This goes first: what the decoder has left over are bytes of frames.
        operations.removeHandler(self, promise: nil)
        let removals = self.codecs.map { codec in
            let removed = context.eventLoop.makePromise(of: Void.self)
            operations.removeHandler(codec, promise: removed)
            return removed.futureResult
        }
        // The decoder goes a little later, and takes every write for a request until then.
        let origin = self.origin
        EventLoopFuture.andAllComplete(removals, on: context.eventLoop).assumeIsolated().whenComplete { _ in
            origin.becameWritable(webSocket)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.origin.failed(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.origin.lost()
        context.fireChannelInactive()
    }
}

/// A connection to an origin once it speaks WebSocket.
final class OriginWebSocketHandler: ChannelInboundHandler, SocketWriter {
    typealias InboundIn = NIOWebSocket.WebSocketFrame
    typealias OutboundOut = ByteBuffer

    private let origin: OriginWebSocket
    private let usesTLS: Bool
    private(set) var context: ChannelHandlerContext?
    var output = SocketOutput()
    private var budget = ReadBudget()
    private var isFinishing = false

    init(_ origin: OriginWebSocket, usesTLS: Bool) {
        self.origin = origin
        self.usesTLS = usesTLS
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if !self.usesTLS { self.output = SocketOutput(past: context.channel) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.budget.spend(ReadBudget.Cost.frame)
        self.origin.receive(self.unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.budget.endRead(of: context.channel) { self.origin.countLimitedReads() }
        context.fireChannelReadComplete()
    }

    /// Ends the connection when everything is sent.
    func finish() {
        guard !self.isFinishing, let context = self.context else { return }
        self.isFinishing = true
        self.flushOutput(in: context) { self.context?.close(promise: nil) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.origin.writabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? NIOWebSocketError else { return context.close(promise: nil) }
        self.origin.violated(.invalidFrame(error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.origin.lost()
        context.fireChannelInactive()
    }
}
