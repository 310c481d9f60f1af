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
        if fields.contains(where: { $0.name.isGRIP }) {
            for name in Self.fieldNames { fields[name] = nil }
        }
        // Nothing is there any more, so appending is enough; replacing would look for it again.
        func write(_ name: HTTPField.Name, _ value: String) { fields.append(HTTPField(name: name, value: value)) }
        if let hold = self.hold {
            write(.gripHold, hold.mode.rawValue)
            if let timeout = hold.timeout { write(.gripTimeout, String(timeout.wholeSeconds)) }
            if let keepAlive = hold.keepAlive { write(.gripKeepAlive, keepAlive.headerValue) }
        }
        if !self.channels.isEmpty { write(.gripChannel, self.channelHeader) }
        if !self.meta.isEmpty {
            // Sorted, so that equal instructions have equal headers.
            let pairs = self.meta.sorted(by: { $0.key < $1.key })
            write(.gripSetMeta, pairs.map { $0.key + "=" + FieldParameters.quote($0.value) }.joined(separator: ", "))
        }
        switch (self.nextLink?.headerValue(relation: "next"), self.goneLink?.headerValue(relation: "gone")) {
        case (let next?, let gone?): write(.gripLink, next + ", " + gone)
        case (let link?, nil), (nil, let link?): write(.gripLink, link)
        case (nil, nil): break
        }
        if let status = self.status {
            let code = String(status.code)
            write(.gripStatus, status.reasonPhrase.isEmpty ? code : code + " " + status.reasonPhrase)
        }
        if let names = self.exposedHeaders {
            write(.gripExposeHeaders, names.map(\.rawName).joined(separator: ", "))
        }
    }

    private var channelHeader: String {
        var value = ""
        for channel in self.channels {
            if !value.isEmpty { value += ", " }
            value += channel.name
            if let previousID = channel.previousID {
                value += "; prev-id="
                value += FieldParameters.encodeValue(previousID)
            }
            for filter in channel.filters {
                value += "; filter="
                value += filter.name
            }
            if let member = channel.member {
                value += "; member="
                value += FieldParameters.encodeValue(member.key)
                if let info = member.info {
                    value += "; member-info="
                    value += FieldParameters.encodeValue(info)
                }
            }
        }
        return value
    }
}

extension GRIPInstruction {
    private static let fieldNames: [HTTPField.Name] = [
        .gripHold, .gripChannel, .gripTimeout, .gripKeepAlive, .gripSetMeta, .gripLink, .gripStatus, .gripExposeHeaders,
    ]
}
