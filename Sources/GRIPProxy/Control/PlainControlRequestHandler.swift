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
    /// What has come and was not looked at.
    private var rest = ByteBuffer()
    private var isReading = false
    private var context: ChannelHandlerContext?

    init(_ handler: ControlHandler, headLimit: Int) {
        self.handler = handler
        self.headLimit = headLimit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isOver else { return context.fireChannelRead(data) }
        let bytes = self.unwrapInboundIn(data)
        if self.rest.readableBytes > 0 { self.rest.writeImmutableBuffer(bytes) } else { self.rest = bytes }
        self.goOn(context)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Goes on with what has come, after ``ControlHandler/isPaused``.
    func resume() {
        if let context = self.context { self.goOn(context) }
    }

    private func goOn(_ context: ChannelHandlerContext) {
        guard !self.isReading, self.rest.readableBytes > 0 else { return }
        self.isReading = true
        self.readPlainRequests()
        self.isReading = false
        self.handler.takeEvents()
        guard self.isOver, self.rest.readableBytes > 0 else { return }
        let rest = self.rest
        self.rest = ByteBuffer()
        context.fireChannelRead(self.wrapInboundOut(rest))
    }

    private func readPlainRequests() {
        var bytes = self.rest
        self.rest = ByteBuffer()
        defer { self.rest = bytes }
        while bytes.readableBytes > 0, !self.handler.isPaused {
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
        if bytes.readableBytes == 0 { bytes = ByteBuffer() }
    }
}
