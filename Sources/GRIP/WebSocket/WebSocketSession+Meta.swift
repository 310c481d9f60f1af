import HTTPTypes

extension WebSocketSession {
    static func meta(in fields: HTTPFields) -> [String: String] {
        var meta: [String: String] = [:]
        for field in fields {
            if let name = field.name.metaName { meta[name] = field.value }
        }
        return meta
    }

    /// What makes the proxy's memory equal to ``meta``, in the order of the names.
    func metaFields() throws(GRIPError) -> HTTPFields {
        var new: [String: String] = [:]
        for (name, value) in self.meta {
            guard let fieldName = HTTPField.Name("Set-Meta-" + name), !name.isEmpty else {
                throw GRIPError(.meta, "'\(name)' cannot be the name of a meta entry, for it would be in a header name")
            }
            guard HTTPField.isValidValue(value) else {
                throw GRIPError(.meta, "the value of the meta entry '\(name)' cannot be in a header")
            }
            let key = String(fieldName.canonicalName.dropFirst("set-meta-".utf8.count))
            guard new.updateValue(value, forKey: key) == nil else {
                throw GRIPError(.meta, "the name of the meta entry '\(key)' occurs twice, in different case")
            }
        }
        if !self.pending.isEmpty { new[PendingSubscription.metaName] = PendingSubscription.text(of: self.pending) }
        var fields = HTTPFields()
        for name in Set(new.keys).union(self.originalMeta.keys).sorted() {
            let value = new[name, default: ""]
            guard value != self.originalMeta[name, default: ""] else { continue }
            guard let fieldName = HTTPField.Name("Set-Meta-" + name) else { continue }
            fields.append(HTTPField(name: fieldName, value: value))
        }
        for (name, value) in try self.sealFields(of: new) {
            guard let fieldName = HTTPField.Name("Set-Meta-" + name) else { continue }
            fields.append(HTTPField(name: fieldName, value: value))
        }
        return fields
    }
}
