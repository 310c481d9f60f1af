import NIOCore

/// Stands in for the decoder of HTTP on a connection whose requests have all been plain so far.
///
/// A decoder is most of what a held connection would need. This one has no state, so that all connections of a loop
/// share it.
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
