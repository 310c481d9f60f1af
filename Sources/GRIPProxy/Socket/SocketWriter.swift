import NIOCore

/// A handler that sends bytes by its ``SocketOutput``.
///
/// What it writes through its context at other times has to come after ``flushOutput()``.
protocol SocketWriter: AnyObject {
    var output: SocketOutput { get set }
    var context: ChannelHandlerContext? { get }
}

extension SocketWriter {
    /// What waits to be taken by the system, in bytes, with what each write takes besides its own.
    var pendingByteCount: Int {
        guard let options = self.context?.channel.syncOptions else { return 0 }
        do {
            return self.output.pendingByteCount(buffered: try options.getOption(.bufferedWritableBytes))
        } catch {
            return 0
        }
    }

    /// Whether many writes may wait, however few bytes they have.
    var hasManyWrites: Bool { self.output.mayBeMany }

    /// Adds bytes to those that ``flushOutput()`` sends.
    func addOutput(_ bytes: ByteBuffer) {
        if !self.output.add(bytes) { self.leaveOutputToChannel(flushes: false) }
    }

    /// Adds bytes to those that ``flushOutput()`` sends, behind others in the same buffer where they are few.
    ///
    /// - Parameters:
    ///   - byteCount: About how many bytes there are, at least.
    ///   - write: Writes them.
    func addOutput(byteCount: Int, _ write: (inout ByteBuffer) -> Void) {
        if !self.output.add(byteCount: byteCount, write) { self.leaveOutputToChannel(flushes: false) }
    }

    /// Sends all that was added.
    func flushOutput() {
        if !self.output.send() { self.leaveOutputToChannel(flushes: true) }
    }

    /// Sends all that was added, and then does something: when the system has taken it, or will not.
    func flushOutput(in context: ChannelHandlerContext, then body: @escaping () -> Void) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in body() }
        self.flushOutput()
        context.writeAndFlush(NIOAny(ByteBuffer()), promise: written)
    }

    /// Leaves everything to the channel, which may tell at once that it is too much.
    ///
    /// What is added or flushed on that occasion comes after what is being left.
    private func leaveOutputToChannel(flushes: Bool) {
        guard self.output.beginLeaving(flushes: flushes) else { return }
        while let (first, others) = self.output.takeForChannel() {
            self.context?.write(NIOAny(first), promise: nil)
            for bytes in others { self.context?.write(NIOAny(bytes), promise: nil) }
        }
        if self.output.endLeaving() { self.context?.flush() }
    }
}
