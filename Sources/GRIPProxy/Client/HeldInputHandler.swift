import NIOCore

/// Stands in for the decoder of a connection that is held.
///
/// A held client hardly ever sends anything, and a decoder is most of what its connection would need. This one has no
/// state, so that all connections of a loop share it.
final class HeldInputHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = ByteBuffer

    /// What a held client has sent all the same.
    struct Input {
        let bytes: ByteBuffer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireUserInboundEventTriggered(Input(bytes: self.unwrapInboundIn(data)))
    }
}
