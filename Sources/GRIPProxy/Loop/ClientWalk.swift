/// Does something with many connections of an event loop, with some of them at a time.
final class ClientWalk: TurnTaker {
    /// With how many at a time.
    static let clientsPerTurn = 64

    /// Not kept: a turn that is waited for may come after the end of the proxy.
    private weak var loop: ProxyLoop?
    private let body: (any ProxyClient) -> Void
    private var ids: ArraySlice<UInt64> = []

    /// Makes a walk.
    ///
    /// - Parameters:
    ///   - loop: Where the connections are.
    ///   - body: What is done with each that is still there.
    init(_ loop: ProxyLoop, _ body: @escaping (any ProxyClient) -> Void) {
        self.loop = loop
        self.body = body
    }

    /// Begins with the first ones at once.
    ///
    /// A walk that has not come to its end begins anew.
    func begin(_ ids: [UInt64]) {
        let isWaiting = !self.ids.isEmpty
        self.ids = ids[...]
        guard !isWaiting, self.takeTurn() else { return }
        self.loop?.turns.add(self)
    }

    func takeTurn() -> Bool {
        guard let loop = self.loop else { return false }
        let part = self.ids.prefix(Self.clientsPerTurn)
        self.ids = self.ids.dropFirst(part.count)
        for id in part { if let client = loop.clients[id] { self.body(client) } }
        return !self.ids.isEmpty
    }
}
