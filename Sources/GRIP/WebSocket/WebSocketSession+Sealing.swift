extension WebSocketSession {
    /// What signs ``meta``, and what the proxy remembers of that.
    package struct Sealing: Sendable {
        /// The name of the signature in the proxy's memory.
        let name: String
        /// The signature that has come with the request, if one has.
        let stored: String?
        /// The names of what the proxy remembers and is to forget, because it is not believed.
        let forgotten: [String]
        let code: @Sendable (_ meta: [String: String]) -> String

        /// Makes a way to sign.
        ///
        /// - Parameters:
        ///   - name: The name of the signature in the proxy's memory.
        ///   - stored: The signature that has come with the request, if one has.
        ///   - forgotten: The names of what the proxy remembers and is to forget.
        ///   - code: Makes the signature of meta.
        package init(
            name: String,
            stored: String?,
            forgotten: [String],
            code: @escaping @Sendable ([String: String]) -> String
        ) {
            self.name = name
            self.stored = stored
            self.forgotten = forgotten
            self.code = code
        }
    }

    /// What else the proxy is to remember, besides changes of meta: its signature, and nothing of what is not believed.
    func sealFields(of meta: [String: String]) throws(GRIPError) -> [(name: String, value: String)] {
        guard let sealing = self.sealing else { return [] }
        guard meta[sealing.name] == nil else {
            throw GRIPError(.meta, "the name '\(sealing.name)' of a meta entry is taken by the signature of the others")
        }
        var fields = sealing.forgotten.filter { meta[$0] == nil }.sorted().map { (name: $0, value: "") }
        let kept = meta.filter { !$0.value.isEmpty }
        let value = kept.isEmpty ? "" : sealing.code(kept)
        if value != sealing.stored ?? "" { fields.append((name: sealing.name, value: value)) }
        return fields
    }
}
