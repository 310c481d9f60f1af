extension GRIPFormat {
    enum ActionName: String { case send, hint, close, refresh }

    static func action(_ reader: JSONObjectReader) throws(GRIPError) -> ActionName {
        guard let name = try reader.string("action") else { return .send }
        guard let action = ActionName(rawValue: name) else { throw reader.invalid("action") }
        return action
    }

    static func contentFilters(_ reader: JSONObjectReader) throws(GRIPError) -> [GRIPFilter]? {
        try reader.strings("content-filters")?.map(GRIPFilter.init(unchecked:))
    }

    func writeMember(to writer: inout JSONWriter) {
        let contentFilters: [GRIPFilter]?
        switch self.kind {
        case .httpResponse(let format):
            writer.key("http-response")
            contentFilters = format.contentFilters
        case .httpStream(let format):
            writer.key("http-stream")
            contentFilters = format.contentFilters
        case .webSocketMessage(let format):
            writer.key("ws-message")
            contentFilters = format.contentFilters
        }
        writer.object { writer in
            switch self.kind {
            case .httpResponse(let format): format.write(to: &writer)
            case .httpStream(let format): format.write(to: &writer)
            case .webSocketMessage(let format): format.write(to: &writer)
            }
            if let contentFilters {
                writer.key("content-filters")
                writer.array { writer in for filter in contentFilters { writer.string(filter.name) } }
            }
        }
    }

    /// Reads the formats of an item: under `formats`, or, where that is absent, on the item itself.
    static func formats(of item: JSONObjectReader) throws(GRIPError) -> [GRIPFormat] {
        let nested = try item.object("formats")
        let object = nested ?? item.object
        var formats: [GRIPFormat] = []
        if let object = try Self.format(GRIPHTTPResponse.name, of: object) {
            formats.append(GRIPFormat(.httpResponse(try GRIPHTTPResponse(object))))
        }
        if let object = try Self.format(GRIPHTTPStream.name, of: object) {
            formats.append(GRIPFormat(.httpStream(try GRIPHTTPStream(object))))
        }
        if let object = try Self.format(GRIPWebSocketMessage.name, of: object) {
            formats.append(GRIPFormat(.webSocketMessage(try GRIPWebSocketMessage(object))))
        }
        // Formats that are not known are accepted and deliver nothing; no format at all is a mistake.
        guard !formats.isEmpty || nested.map({ !$0.members.isEmpty }) ?? false else {
            throw GRIPError(.item, "no formats specified")
        }
        return formats
    }

    private static func format(_ name: String, of object: JSONObject) throws(GRIPError) -> JSONObject? {
        guard let value = object[name] else { return nil }
        guard let format = value.object else { throw GRIPError(.format, "'\(name)' is not an object") }
        return format
    }
}
