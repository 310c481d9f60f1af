public import NIOCore

/// An item and the channel it is published to: one element of a request to the control API.
public struct GRIPPublication: Sendable, Hashable {
    /// The channel; only its name counts.
    public let channel: GRIPChannel
    /// What is published.
    public let item: GRIPItem

    /// Pairs an item with a channel.
    ///
    /// - Parameters:
    ///   - item: What is published.
    ///   - channel: The channel; only its name counts.
    public init(_ item: GRIPItem, to channel: GRIPChannel) {
        self.channel = channel
        self.item = item
    }

    /// The publication as one JSON object.
    public var json: ByteBuffer {
        var writer = JSONWriter()
        self.write(to: &writer)
        return writer.buffer
    }

    /// The body of a request to the control API: `{"items": [...]}`.
    ///
    /// - Parameter publications: What to publish, in order.
    /// - Returns: JSON.
    public static func json(_ publications: some Sequence<GRIPPublication>) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("items")
            writer.array { writer in for publication in publications { publication.write(to: &writer) } }
        }
        return writer.buffer
    }

    /// The body of a request to the control API, of publications that are JSON already.
    package static func json(joining objects: some Sequence<ByteBuffer>) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeStaticString("{\"items\":[")
        var isFirst = true
        for object in objects {
            if !isFirst { body.writeInteger(UInt8.comma) }
            isFirst = false
            body.writeImmutableBuffer(object)
        }
        body.writeStaticString("]}")
        return body
    }

    private func write(to writer: inout JSONWriter) {
        let item = self.item
        writer.object { writer in
            writer.member("channel", self.channel.name)
            if let id = item.id { writer.member("id", id) }
            if let previousID = item.previousID { writer.member("prev-id", previousID) }
            writer.key("formats")
            writer.object { writer in for format in item.formats { format.writeMember(to: &writer) } }
            if !item.meta.isEmpty {
                writer.key("meta")
                writer.object { writer in writer.members(item.meta) }
            }
            if let size = item.size { writer.member("size", size) }
            if item.skipsSequencing { writer.member("no-seq", true) }
        }
    }

    /// Reads the body of a request to the control API, as a proxy does.
    ///
    /// - Parameter body: `{"items": [...]}`; all items are read before any is used, so that one mistake publishes
    ///   nothing.
    /// - Throws: ``GRIPError`` with a reason fit for the publisher. It names the item, as `items[2]`, where there are
    ///   several.
    /// - Returns: The publications, in order.
    public static func parse(json body: ByteBuffer) throws(GRIPError) -> [GRIPPublication] {
        if let publications = Self.plain(body) { return publications }
        guard let root = try JSONValue(parsing: body).object else {
            throw GRIPError(.item, "the body is not a JSON object")
        }
        return try Self.list(root)
    }

    /// Reads the body of a request to the control API as nearly all are written.
    ///
    /// - Returns: Nothing for a body that is written in another way, or not valid.
    package static func plain(_ body: ByteBuffer) -> [GRIPPublication]? {
        PlainPublicationReader.read(body.readableBytesUInt8Span)
    }

    /// Reads `{"items": [...]}`.
    package static func list(_ root: JSONObject) throws(GRIPError) -> [GRIPPublication] {
        let reader = JSONObjectReader(object: root, subject: "object", code: .item)
        guard let elements = try reader.array("items") else { throw reader.missing("'items'") }
        var publications: [GRIPPublication] = []
        publications.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do {
                publications.append(try Self.read(element))
            } catch {
                // Of one item there is no doubt which it is.
                throw elements.count == 1 ? error : GRIPError(error.code, "items[\(index)]: \(error.reason)")
            }
        }
        return publications
    }

    private static func read(_ element: JSONValue) throws(GRIPError) -> GRIPPublication {
        guard let object = element.object else { throw GRIPError(.item, "publish item object is not an object") }
        return try GRIPPublication(object)
    }

    private init(_ object: JSONObject) throws(GRIPError) {
        let reader = JSONObjectReader(object: object, subject: "publish item object", code: .item)
        guard let channel = try reader.line("channel") else { throw reader.missing("'channel'") }
        self.init(
            GRIPItem(
                unchecked: try GRIPFormat.formats(of: reader),
                id: try reader.line("id"),
                previousID: try reader.line("prev-id"),
                meta: try reader.dictionary("meta") ?? [:],
                skipsSequencing: try reader.bool("no-seq") ?? false,
                size: try reader.integer("size", in: 0...Int(Int32.max))
            ),
            to: GRIPChannel(unchecked: channel)
        )
    }
}
