import GRIP

extension GRIPPublication {
    /// A publication whose content is its name, so that a test can tell it from others.
    init(
        _ name: String,
        on channel: String = "c",
        id: String? = nil,
        after previousID: String? = nil,
        noSequence: Bool = false
    ) {
        self.init(
            GRIPItem(.httpStream(.text(name)), id: id, previousID: previousID, skipsSequencing: noSequence),
            to: GRIPChannel(unchecked: channel)
        )
    }

    /// The content.
    var name: String {
        guard case .send(.text(let name))? = self.item.httpStream?.action else { return "?" }
        return name
    }
}
