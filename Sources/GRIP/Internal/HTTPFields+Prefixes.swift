package import HTTPTypes

extension HTTPField.Name {
    /// Whether the header belongs to GRIP (`Grip-*`).
    package var isGRIP: Bool { self.canonicalName.hasBytePrefix("grip-") }

    /// The name of the meta that the header carries (`Meta-*`), in lower case, or nothing.
    package var metaName: String? {
        let name = self.canonicalName
        guard name.hasBytePrefix("meta-"), name.utf8.count > "meta-".utf8.count else { return nil }
        return String(name.dropFirst("meta-".count))
    }
}

extension HTTPFields {
    /// Removes all fields whose names are so.
    package mutating func removeAll(where isRemoved: (HTTPField.Name) -> Bool) {
        self = HTTPFields(self.filter { !isRemoved($0.name) })
    }
}
