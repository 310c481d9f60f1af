package import NIOCore
import NIOHTTPTypes

/// What the pipeline does with the channel.
extension InMemoryChannel: ChannelCore {
    package func localAddress0() throws -> SocketAddress {
        guard let address = self.localAddress else { throw ChannelError.operationUnsupported }
        return address
    }

    package func remoteAddress0() throws -> SocketAddress {
        guard let address = self.remoteAddress else { throw ChannelError.operationUnsupported }
        return address
    }

    package func register0(promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }

    package func bind0(to: SocketAddress, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    package func connect0(to: SocketAddress, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    package func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !self.state.isClosed else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard let part = self.tryUnwrapData(data, as: HTTPResponsePart.self) else {
            promise?.fail(ChannelError.operationUnsupported)
            return
        }
        self.state.peer?.received(part)
        promise?.succeed(())
    }

    package func flush0() { self.state.peer?.flushed() }

    package func read0() {
        self.state.isReadWanted = true
        self.deliver()
    }

    package func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        self.close(mode, promise: promise)
    }

    package func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    /// Takes what no handler wanted; the application's handler wants all there is.
    package func channelRead0(_ data: NIOAny) {}

    package func errorCaught0(error: any Error) {}
}
