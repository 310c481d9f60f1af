/// The subscriptions of a connection, by the numbers that messages name.
struct SubscriptionTable {
    struct Entry: Sendable {
        let pattern: GRIPNATSSubjectPattern
        let receive: @Sendable (GRIPNATSMessage) -> Void
    }

    private var entries: [UInt64: Entry] = [:]

    var count: Int { self.entries.count }

    subscript(_ id: UInt64) -> Entry? { self.entries[id] }

    mutating func apply(_ changes: [NATSShared.SubscriptionChange]) {
        for change in changes {
            switch change {
            case .begin(let id, let entry): self.entries[id] = entry
            case .end(let id): self.entries[id] = nil
            }
        }
    }

    /// All of them, to be sent to a server.
    var all: some Sequence<(UInt64, GRIPNATSSubjectPattern)> {
        self.entries.lazy.map { ($0.key, $0.value.pattern) }
    }
}
