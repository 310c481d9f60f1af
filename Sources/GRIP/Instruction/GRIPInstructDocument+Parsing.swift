public import HTTPTypes
public import NIOCore

extension GRIPInstructDocument {
    /// Reads a document, as a proxy does.
    ///
    /// - Parameters:
    ///   - body: The body of the origin's response, whose status must be 200.
    ///   - fields: The header fields next to it; their channels and meta are added to the document's, their links hold.
    /// - Throws: ``GRIPError`` naming the member or header that is wrong.
    public init(json body: ByteBuffer, fields: HTTPFields = [:]) throws(GRIPError) {
        let outer = try GRIPInstruction(fields: fields)
        guard let root = try JSONValue(parsing: body).object else {
            throw GRIPError(.instruction, "an instruct document is a JSON object")
        }
        let reader = JSONObjectReader(object: root, subject: "instruct object", code: .instruction)
        var instruction = outer
        if let hold = try reader.object("hold") {
            instruction = try Self.instruction(
                JSONObjectReader(object: hold, subject: "hold object", code: .instruction),
                outer: outer
            )
        }
        var response = Response()
        if let object = try reader.object("response") {
            let reader = JSONObjectReader(object: object, subject: "response object", code: .instruction)
            response.status = try reader.status(withoutCode: 200)
            response.fields = try reader.fields("headers")
            response.body = try reader.content(text: "body", binary: "body-bin") ?? ""
        }
        self.init(unchecked: instruction, response: response)
    }

    private static func instruction(
        _ reader: JSONObjectReader,
        outer: GRIPInstruction
    ) throws(GRIPError) -> GRIPInstruction {
        let modeName = try reader.string("mode") ?? GRIPHold.Mode.response.rawValue
        guard let mode = GRIPHold.Mode(rawValue: modeName) else { throw reader.invalid("mode") }
        guard let list = try reader.array("channels") else { throw reader.missing("'channels'") }
        var channels = outer.channels
        for element in list {
            guard let object = element.object else { throw reader.wrongType("channels") }
            channels.append(try Self.channel(object))
        }
        let timeout = try reader.integer("timeout", in: 0...Int(Int32.max))
        var keepAlive: GRIPKeepAlive?
        if let object = try reader.object("keep-alive") {
            let reader = JSONObjectReader(object: object, subject: "keep-alive object", code: .keepAlive)
            guard let content = try reader.content(text: "content", binary: "content-bin"), content.byteCount > 0 else {
                throw reader.missing("'content' or 'content-bin'")
            }
            keepAlive = GRIPKeepAlive(
                unchecked: content.bytes,
                seconds: try reader.integer("timeout", in: 0...Int(Int32.max)) ?? 55,
                mode: .interval
            )
        }
        let meta = outer.meta.merging(try reader.dictionary("meta") ?? [:], uniquingKeysWith: { $1 })
        return GRIPInstruction(
            uncheckedHold: GRIPHold(
                mode: mode,
                timeout: mode == .response ? timeout.map { .seconds($0) } : nil,
                keepAlive: mode == .stream ? keepAlive : nil
            ),
            channels: channels,
            nextLink: outer.nextLink,
            goneLink: outer.goneLink,
            status: outer.status,
            meta: meta,
            exposedHeaders: outer.exposedHeaders
        )
    }

    private static func channel(_ object: JSONObject) throws(GRIPError) -> GRIPChannel {
        let reader = JSONObjectReader(object: object, subject: "channel object", code: .channel)
        guard let name = try reader.line("name") else { throw reader.missing("'name'") }
        let filters = try reader.strings("filters") ?? []
        guard filters.count <= GRIPChannel.maximumFilters else {
            throw GRIPError(.filter, "a channel has at most \(GRIPChannel.maximumFilters) filters")
        }
        return GRIPChannel(
            unchecked: name,
            previousID: try reader.line("prev-id"),
            filters: filters.map(GRIPFilter.init(unchecked:)),
            member: try GRIPMember.parse(object["member"])
        )
    }
}
