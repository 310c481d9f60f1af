public import HTTPTypes

extension GRIPInstruction {
    /// The instruction as `Grip-*` header fields.
    public var fields: HTTPFields {
        var fields = HTTPFields()
        self.write(to: &fields)
        return fields
    }

    /// Writes the instruction into a response's fields, in place of any that they hold.
    ///
    /// - Parameter fields: The fields of the response.
    public func write(to fields: inout HTTPFields) {
        for name in Self.fieldNames { fields[name] = nil }
        if let hold = self.hold {
            fields[.gripHold] = hold.mode.rawValue
            if let timeout = hold.timeout { fields[.gripTimeout] = String(timeout.wholeSeconds) }
            if let keepAlive = hold.keepAlive { fields[.gripKeepAlive] = keepAlive.headerValue }
        }
        if !self.channels.isEmpty {
            fields[.gripChannel] = self.channels.map(\.headerElement).joined(separator: ", ")
        }
        if !self.meta.isEmpty {
            // Sorted, so that equal instructions have equal headers.
            fields[.gripSetMeta] = self.meta.sorted(by: { $0.key < $1.key })
                .map { "\($0.key)=\(FieldParameters.quote($0.value))" }
                .joined(separator: ", ")
        }
        let links = [self.nextLink?.headerValue(relation: "next"), self.goneLink?.headerValue(relation: "gone")]
            .compactMap(\.self)
        if !links.isEmpty { fields[.gripLink] = links.joined(separator: ", ") }
        if let status = self.status {
            fields[.gripStatus] =
                status.reasonPhrase.isEmpty ? String(status.code) : "\(status.code) \(status.reasonPhrase)"
        }
        if let names = self.exposedHeaders {
            fields[.gripExposeHeaders] = names.map(\.rawName).joined(separator: ", ")
        }
    }
}

extension GRIPInstruction {
    private static let fieldNames: [HTTPField.Name] = [
        .gripHold, .gripChannel, .gripTimeout, .gripKeepAlive, .gripSetMeta, .gripLink, .gripStatus, .gripExposeHeaders,
    ]
}

extension GRIPChannel {
    fileprivate var headerElement: String {
        var element = self.name
        if let previousID = self.previousID {
            element += "; prev-id=\(FieldParameters.encodeValue(previousID))"
        }
        for filter in self.filters { element += "; filter=\(filter.name)" }
        return element
    }
}
