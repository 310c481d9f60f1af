package import NIOCore
import NIOHTTPTypes
import Synchronization

/// The application's end of a connection that has no socket: HTTP parts go in and come out.
///
/// Both ends are on one event loop. Requests wait here until the application reads; responses are handed to the other
/// end as they are written, and its backpressure is the channel's writability.
package final class InMemoryChannel: Channel, Sendable {
    /// What only the event loop touches.
    final class State {
        weak var peer: (any InMemoryPeer)?
        var waiting = CircularBuffer<HTTPRequestPart>()
        var waitingByteCount = 0
        var isReadWanted = false
        var isDelivering = false
        /// Whether the input closes when the application has taken what waits.
        var isInputEnding = false
        var isInputClosed = false
        var isClosed = false
    }

    struct Addresses: Sendable {
        var local: SocketAddress?
        var remote: SocketAddress?
    }

    /// Pieces of a body up to this size are joined while they wait.
    private static let joinedBytes = 4096

    package let eventLoop: any EventLoop
    package let allocator = ByteBufferAllocator()
    private let box: NIOLoopBoundBox<State>
    private let closed: EventLoopPromise<Void>
    private let active = Atomic(false)
    private let writable = Atomic(true)
    private let addresses = Mutex(Addresses())
    private let ownPipeline = Mutex<ChannelPipeline?>(nil)

    /// Makes a channel that nobody reads yet.
    ///
    /// Called on the event loop.
    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.box = NIOLoopBoundBox(State(), eventLoop: eventLoop)
        self.closed = eventLoop.makePromise()
    }

    deinit { self.closed.succeed(()) }

    var state: State { self.box.value }

    // MARK: What others see

    package var closeFuture: EventLoopFuture<Void> { self.closed.futureResult }

    package var pipeline: ChannelPipeline {
        // It needs the channel, so that it cannot be made before the channel is.
        self.ownPipeline.withLock { pipeline in
            if let pipeline { return pipeline }
            let new = ChannelPipeline(channel: self)
            pipeline = new
            return new
        }
    }

    package var localAddress: SocketAddress? { self.addresses.withLock { $0.local } }

    package var remoteAddress: SocketAddress? { self.addresses.withLock { $0.remote } }

    package var parent: (any Channel)? { nil }

    package var isWritable: Bool { self.writable.load(ordering: .relaxed) }

    package var isActive: Bool { self.active.load(ordering: .relaxed) }

    package var _channelCore: any ChannelCore { self }

    package func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        self.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }

    package func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        self.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }

    // MARK: The other end

    func use(_ peer: any InMemoryPeer) { self.state.peer = peer }

    /// Says whose requests the next ones are.
    func use(_ addresses: Addresses) { self.addresses.withLock { $0 = addresses } }

    /// How much of a request's body the application has not read, in bytes.
    var waitingByteCount: Int { self.state.waitingByteCount }

    /// Puts a part of a request where the application finds it when ``deliver()`` is called.
    func add(_ part: HTTPRequestPart) {
        guard !self.state.isClosed, !self.state.isInputClosed else { return }
        self.state.waitingByteCount += part.byteCount
        // Each part takes far more than its bytes.
        if case .body(let bytes) = part, bytes.readableBytes <= Self.joinedBytes,
            case .body(var last)? = self.state.waiting.last, last.readableBytes <= Self.joinedBytes
        {
            self.state.waiting.removeLast()
            last.writeImmutableBuffer(bytes)
            self.state.waiting.append(.body(last))
        } else {
            self.state.waiting.append(part)
        }
    }

    /// Says whether the other end takes more of the response.
    func setWritable(_ isWritable: Bool) {
        guard self.writable.exchange(isWritable, ordering: .relaxed) != isWritable, self.isActive else { return }
        self.pipeline.syncOperations.fireChannelWritabilityChanged()
    }

    // MARK: The application

    /// Gives the application its end.
    ///
    /// Called on the event loop.
    func open() throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        guard !self.state.isClosed else { throw ChannelError.ioOnClosedChannel }
        let wrapped = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
            wrappingChannelSynchronously: self,
            configuration: .init(isOutboundHalfClosureEnabled: true)
        )
        self.activate()
        return wrapped
    }

    /// Lets the application's handlers see the channel.
    func activate() {
        self.active.store(true, ordering: .relaxed)
        let operations = self.pipeline.syncOperations
        operations.fireChannelRegistered()
        operations.fireChannelActive()
        if !self.isWritable { operations.fireChannelWritabilityChanged() }
        operations.read()
        if self.state.isInputClosed { operations.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }

    /// Learns that the application is done with a request, also with what it does after the response.
    package func requestHandled() {
        if self.eventLoop.inEventLoop {
            self.state.peer?.requestHandled()
        } else {
            self.eventLoop.execute { self.state.peer?.requestHandled() }
        }
    }

    // MARK: Reading

    /// Hands over what waits if the application reads.
    func deliver() {
        let state = self.state
        guard !state.isDelivering, state.isReadWanted, !state.waiting.isEmpty else { return }
        state.isDelivering = true
        let operations = self.pipeline.syncOperations
        while state.isReadWanted, !state.waiting.isEmpty {
            state.isReadWanted = false
            while let part = state.waiting.popFirst() {
                state.waitingByteCount -= part.byteCount
                operations.fireChannelRead(NIOAny(part))
            }
            operations.fireChannelReadComplete()
            operations.read()
        }
        state.isDelivering = false
        state.peer?.requestTaken()
        if state.isInputEnding { self.endInput() }
    }

    /// Closes the input after what waits.
    func endInput() {
        self.state.isInputEnding = true
        guard self.state.waiting.isEmpty, !self.state.isInputClosed else { return }
        self.closeInput(nil)
    }

    // MARK: Ending

    func close(_ mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .input: self.closeInput(promise)
        // The application has written its last part.
        case .output, .all: self.closeAll(promise)
        }
    }

    private func closeInput(_ promise: EventLoopPromise<Void>?) {
        let state = self.state
        guard !state.isClosed, !state.isInputClosed else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        state.isInputClosed = true
        self.forgetWaiting()
        promise?.succeed(())
        guard self.isActive else { return }
        self.pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    private func closeAll(_ promise: EventLoopPromise<Void>?) {
        let state = self.state
        guard !state.isClosed else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        state.isClosed = true
        self.forgetWaiting()
        self.writable.store(false, ordering: .relaxed)
        let wasActive = self.active.exchange(false, ordering: .relaxed)
        promise?.succeed(())
        let operations = self.pipeline.syncOperations
        if wasActive {
            operations.fireChannelInactive()
            operations.fireChannelUnregistered()
        }
        state.peer?.closed()
        // Later, because a handler may be what closes the channel.
        self.eventLoop.execute {
            self.removeHandlers(pipeline: self.pipeline)
            self.closed.succeed(())
        }
    }

    private func forgetWaiting() {
        self.state.waiting.removeAll()
        self.state.waitingByteCount = 0
    }
}

extension HTTPRequestPart {
    fileprivate var byteCount: Int { if case .body(let bytes) = self { bytes.readableBytes } else { 0 } }
}
