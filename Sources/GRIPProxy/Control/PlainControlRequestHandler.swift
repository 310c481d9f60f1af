import GRIPEngine
import NIOCore

/// Takes plain requests of publishers past the decoder of HTTP, up to the first that is not plain.
final class PlainControlRequestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let handler: ControlHandler
    private let headLimit: Int
    /// How much of a body is still to come.
    private var missing = 0
    private var isOver = false

    init(_ handler: ControlHandler, headLimit: Int) {
        self.handler = handler
        self.headLimit = headLimit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isOver else { return context.fireChannelRead(data) }
        var bytes = self.unwrapInboundIn(data)
        while bytes.readableBytes > 0 {
            if self.missing == 0 {
                guard let plain = PlainControlHead(bytes, limit: self.headLimit) else {
                    self.isOver = true
                    break
                }
                bytes.moveReaderIndex(forwardBy: plain.byteCount)
                if let body = bytes.getSlice(at: bytes.readerIndex, length: plain.bodyLength),
                    self.handler.take(plain.head, body)
                {
                    bytes.moveReaderIndex(forwardBy: plain.bodyLength)
                    continue
                }
                self.missing = plain.bodyLength
                self.handler.add(.head(plain.head))
            }
            if let body = bytes.readSlice(length: min(self.missing, bytes.readableBytes)), body.readableBytes > 0 {
                self.missing -= body.readableBytes
                self.handler.add(.body(body))
            }
            if self.missing == 0 { self.handler.add(.end) }
        }
        self.handler.takeEvents()
        if self.isOver { context.fireChannelRead(self.wrapInboundOut(bytes)) }
    }
}
