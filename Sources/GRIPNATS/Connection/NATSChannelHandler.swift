import NIOCore
import NIOTLS

/// Brings what happens on a channel to the driver, which decides.
final class NATSChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Which of the driver's connections this is: what comes late of an old one counts for nothing.
    private let number: Int
    private let driver: NATSDriver
    private var error: (any Error)?
    /// Whether this is the channel of the connection.
    ///
    /// A host with several addresses is tried at all of them, and more than one can answer.
    private var isTaken = false

    init(_ driver: NATSDriver, number: Int) {
        self.driver = driver
        self.number = number
    }

    func channelActive(context: ChannelHandlerContext) {
        self.isTaken = self.driver.takeChannel(context.channel, on: self.number)
        if !self.isTaken { context.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.isTaken else { return }
        self.driver.received(self.unwrapInboundIn(data), on: self.number)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.isTaken { self.driver.readCompleted(on: self.number) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if self.isTaken, case .handshakeCompleted = event as? TLSUserEvent { self.driver.encrypted(on: self.number) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if self.error == nil { self.error = error }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if self.isTaken { self.driver.channelClosed(self.error, on: self.number) }
        context.fireChannelInactive()
    }
}
