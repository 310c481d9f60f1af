import GRIPEngine
import NIOCore

/// Reads requests out of the bytes of a connection.
///
/// NIO's decoder knows some methods only, makes text of what is none and does not say what is wrong with a request.
final class HTTP1RequestDecoder: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = HTTP1RequestReader.Part

    private var reader: HTTP1RequestReader
    /// Whether what was read is being handed over.
    private var isHandingOver = false
    /// Set when this is to leave the pipeline after what is being handed over.
    private var removal: ChannelHandlerContext.RemovalToken?

    init(_ reader: HTTP1RequestReader) { self.reader = reader }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.reader.append(self.unwrapInboundIn(data))
        guard !self.isHandingOver else { return }
        self.isHandingOver = true
        while self.removal == nil, let part = self.reader.next() {
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
