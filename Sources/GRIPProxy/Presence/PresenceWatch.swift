import GRIP

/// One who watches a channel, until this is let go of.
final class PresenceWatch: Sendable {
    enum Next: Sendable {
        case change(GRIPPresenceChange)
        /// Nothing at the moment.
        case none
        /// Nothing will come any more.
        case end
    }

    private let id: Int
    private let channel: String
    private let center: PresenceCenter

    init(_ id: Int, of channel: String, at center: PresenceCenter) {
        self.id = id
        self.channel = channel
        self.center = center
    }

    deinit { self.cancel() }

    func next() -> Next { self.center.next(self.id, of: self.channel) }

    /// Calls a closure once: when there is something, or nothing will come any more.
    func whenReady(_ body: @escaping @Sendable () -> Void) { self.center.whenReady(self.id, body) }

    /// Who is on the channel, as far as that is known.
    func snapshot() -> GRIPPresenceSnapshot { self.center.snapshot(of: self.channel) }

    /// Ends the watch; who waits is told that nothing will come.
    func cancel() { self.center.endWatch(self.id, of: self.channel) }
}
