import NIOCore

/// Stands in for the decoder of HTTP on a connection that is held, or whose requests have all been plain so far.
///
/// A held client hardly ever sends anything, and a decoder is most of what its connection would need. This one has no
/// state, so that all connections of a loop share it.
final class PlainInputHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = ByteBuffer

    /// What a client has sent.
    struct Input {
        let bytes: ByteBuffer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireUserInboundEventTriggered(Input(bytes: self.unwrapInboundIn(data)))
    }
}
