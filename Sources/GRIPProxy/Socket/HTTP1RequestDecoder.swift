import GRIPEngine
import NIOCore

/// Reads requests out of the bytes of a connection.
///
/// NIO's decoder knows some methods only, makes text of what is none and does not say what is wrong with a request.
final class HTTP1RequestDecoder: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = HTTP1RequestReader.Part

    private var reader: HTTP1RequestReader
    /// Whether bytes stay here unread, because the next handler has enough.
    var isPaused = false
    private var context: ChannelHandlerContext?
    /// Whether what was read is being handed over.
    private var isHandingOver = false
    /// Set when this is to leave the pipeline after what is being handed over.
    private var removal: ChannelHandlerContext.RemovalToken?

    init(_ reader: HTTP1RequestReader) { self.reader = reader }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.reader.append(self.unwrapInboundIn(data))
        self.handOver(context)
    }

    /// Goes on with what has come, until it is paused again.
    func resume() {
        self.isPaused = false
        if let context = self.context { self.handOver(context) }
    }

    private func handOver(_ context: ChannelHandlerContext) {
        guard !self.isHandingOver else { return }
        self.isHandingOver = true
        while !self.isPaused, self.removal == nil, let part = self.reader.next() {
            context.fireChannelRead(self.wrapInboundOut(part))
        }
        self.isHandingOver = false
        if let removal = self.removal.take() { self.leave(context, removal) }
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        if self.isHandingOver { self.removal = removalToken } else { self.leave(context, removalToken) }
    }

    /// Leaves the connection to another protocol, with what has come of it.
    private func leave(_ context: ChannelHandlerContext, _ removal: ChannelHandlerContext.RemovalToken) {
        let rest = self.reader.takeRest()
        if rest.readableBytes > 0 { context.fireChannelRead(NIOAny(rest)) }
        context.leavePipeline(removalToken: removal)
    }
}
