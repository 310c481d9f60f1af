import GRIP

/// An id on a channel: that of an item, or of the one it follows.
struct ItemKey: Sendable, Hashable {
    let channel: String
    let id: String

    /// How many bytes the texts have.
    var byteCount: Int { self.channel.utf8.count + self.id.utf8.count }

    static func == (lhs: ItemKey, rhs: ItemKey) -> Bool {
        lhs.id.hasSameBytes(as: rhs.id) && lhs.channel.hasSameBytes(as: rhs.channel)
    }

    func hash(into hasher: inout Hasher) {
        self.channel.hashBytes(into: &hasher)
        self.id.hashBytes(into: &hasher)
    }
}
