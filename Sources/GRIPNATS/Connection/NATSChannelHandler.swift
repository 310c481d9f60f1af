import NIOCore
import NIOTLS

/// Brings what happens on a channel to the driver, which decides.
final class NATSChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Which of the driver's connections this is: what comes late of an old one counts for nothing.
    private let number: Int
    private let driver: NATSDriver
    private var error: (any Error)?

    init(_ driver: NATSDriver, number: Int) {
        self.driver = driver
        self.number = number
    }

    func channelActive(context: ChannelHandlerContext) {
        self.driver.channelOpened(context.channel, on: self.number)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.driver.received(self.unwrapInboundIn(data), on: self.number)
    }

    func channelReadComplete(context: ChannelHandlerContext) { self.driver.readCompleted(on: self.number) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { self.driver.encrypted(on: self.number) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if self.error == nil { self.error = error }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.driver.channelClosed(self.error, on: self.number)
        context.fireChannelInactive()
    }
}
