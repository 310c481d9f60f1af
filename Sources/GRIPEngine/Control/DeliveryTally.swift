package import GRIP

/// Counts to how many connections the items of one publish go.
///
/// An item that waits for another one is not delivered when it comes, but with the other one, which may be of the same
/// publish.
package struct DeliveryTally: Sendable {
    private let publications: [GRIPPublication]
    /// Items of this publish that wait.
    private var waiting: [Int] = []
    /// Which item of this publish each outgoing item is, or nothing for one that was published before.
    private var owners: [Int?] = []
    package private(set) var counts: [CountByKind]

    package init(_ publications: [GRIPPublication]) {
        self.publications = publications
        self.counts = [CountByKind](repeating: CountByKind(), count: publications.count)
    }

    /// Learns what became of the item at an index.
    ///
    /// - Parameters:
    ///   - index: The index; items are told of in order.
    ///   - outcome: What the hub says.
    ///   - outgoing: All items that go out so far. When one goes out with those that waited for it, it is the first.
    package mutating func note(_ index: Int, _ outcome: ChannelHub.Outcome, _ outgoing: ChannelHub.Outgoing) {
        if outcome == .waiting { self.waiting.append(index) }
        let start = self.owners.count
        for position in outgoing.indices.dropFirst(start) {
            guard position > start else {
                self.owners.append(index)
                continue
            }
            let publication = outgoing[position].publication
            let match = self.waiting.firstIndex { self.publications[$0] == publication }
            self.owners.append(match.map { self.waiting.remove(at: $0) })
        }
    }

    /// Learns to how many connections an outgoing item went.
    package mutating func add(_ count: CountByKind, toOutgoing position: Int) {
        guard self.owners.indices.contains(position), let owner = self.owners[position] else { return }
        self.counts[owner] += count
    }
}
