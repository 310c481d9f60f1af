import NIOCore

/// Where the body of an answer comes from that goes on until somebody ends it, piece by piece.
///
/// It may be used from any thread.
protocol ControlEventSource: Sendable {
    /// The next piece, if there is one.
    ///
    /// Whoever reads takes the next piece when there is room for it, so that a slow reader is the source's to deal with.
    func next() -> ControlEvent

    /// Calls a closure once when there is something again, at once where that is the case already.
    func whenReady(_ body: @escaping @Sendable () -> Void)

    /// Learns that nobody reads any more.
    func cancel()
}

/// What a ``ControlEventSource`` has.
enum ControlEvent {
    case piece(ByteBuffer)
    /// Nothing at the moment.
    case none
    /// Nothing will come any more.
    case end
}
