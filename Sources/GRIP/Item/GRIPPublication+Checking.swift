extension GRIPPublication {
    /// Checks what may come to stand in a header or in a line of its own, as a control API does.
    ///
    /// - Parameter publications: What is to be published.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/item`` that names the first field with line ends, and which
    ///   publication has it.
    package static func checkLines(_ publications: some Collection<GRIPPublication>) throws(GRIPError) {
        for (index, publication) in publications.enumerated() {
            try Self.check(publication.channel.name, "channel", index)
            try Self.check(publication.item.id, "id", index)
            try Self.check(publication.item.previousID, "prev-id", index)
        }
    }

    private static func check(_ text: String?, _ field: String, _ index: Int) throws(GRIPError) {
        guard let text, text.containsLineEnds else { return }
        throw GRIPError(
            .item,
            "the '\(field)' of publication \(index) contains line ends or zero bytes, which no header can carry"
        )
    }
}
