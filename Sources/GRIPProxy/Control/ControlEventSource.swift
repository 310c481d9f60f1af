import NIOCore

/// Where the body of an answer comes from that goes on until somebody ends it, piece by piece.
///
/// It may be used from any thread.
protocol ControlEventSource: Sendable {
    /// The next piece, if there is one.
    ///
    /// The reader takes a piece when there is room for it. The source decides what becomes of pieces that a slow reader
    /// has not taken.
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
