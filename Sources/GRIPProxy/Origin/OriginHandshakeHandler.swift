import GRIPEngine
import HTTPTypes
import NIOCore
import NIOTLS
import NIOWebSocket

/// A connection to an origin while it is asked for a WebSocket.
final class OriginHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let origin: OriginWebSocket
    private let usesTLS: Bool
    private var reader: HTTP1ResponseReader
    private var fields = HTTPFields()

    init(_ origin: OriginWebSocket, usesTLS: Bool, names: FieldNameTable, longestLine: Int) {
        self.origin = origin
        self.usesTLS = usesTLS
        let limits = HTTP1Limits(head: 2_097_152, fields: 256, line: longestLine)
        self.reader = HTTP1ResponseReader(answering: .get, limits: limits, names: names)
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
        guard let request = self.origin.handshake() else { return }
        var head = context.channel.allocator.buffer(capacity: 512)
        head.writeHead(of: request, isHandshake: true)
        context.writeAndFlush(self.wrapOutboundOut(head), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.reader.append(self.unwrapInboundIn(data))
        do throws(HTTP1Problem) {
            while let part = try self.reader.next() { self.take(part, context) }
        } catch {
            self.origin.receiveProblem(error)
            context.close(promise: nil)
        }
    }

    private func take(_ part: HTTP1ResponseReader.Part, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            self.fields = head.head.headerFields
            self.origin.receiveHead(head.head)
        case .body(let bytes, _): self.origin.receiveBody(bytes)
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
        self.origin.becameWritable(webSocket)
        self.origin.opened(self.fields)
        // Bytes that came behind the head are of frames.
        if self.reader.rest.readableBytes > 0 { context.fireChannelRead(NIOAny(self.reader.rest)) }
        operations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.origin.failed(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let part = self.reader.finish() { self.take(part, context) }
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
