/// What is published to a channel: content for each transport, and what orders and filters it.
public struct GRIPItem: Sendable, Hashable {
    /// The formats, at most one of each transport.
    public let formats: [GRIPFormat]

    /// The item's own id, which makes it deliverable at most once and lets the next one follow it.
    public let id: String?

    /// The id of the item before this one on the channel (`prev-id`).
    ///
    /// Clients that hold with a prev-id receive the item only if it follows what they have; proxies wait a while for
    /// the missing ones.
    public let previousID: String?

    /// What the filters know about the item, such as `sender` for ``GRIPFilter/skipSelf``.
    public let meta: [String: String]

    /// Whether proxies deliver the item at once, whatever its prev-id (`no-seq`).
    public let skipsSequencing: Bool

    /// The size proxies account for in place of the true one, in bytes.
    public let size: Int?

    package init(
        unchecked formats: [GRIPFormat],
        id: String? = nil,
        previousID: String? = nil,
        meta: [String: String] = [:],
        skipsSequencing: Bool = false,
        size: Int? = nil
    ) {
        self.formats = formats
        self.id = id
        self.previousID = previousID
        self.meta = meta
        self.skipsSequencing = skipsSequencing
        self.size = size
    }

    /// Makes an item of one format.
    ///
    /// - Parameters:
    ///   - format: What to publish.
    ///   - id: The item's id.
    ///   - previousID: The id of the item before it on the channel.
    ///   - sender: Who publishes; subscriptions with ``GRIPFilter/skipSelf`` of that user do not receive the item.
    ///   - meta: What the filters know about the item.
    ///   - skipsSequencing: Whether to deliver the item at once, whatever its prev-id.
    public init(
        _ format: GRIPFormat,
        id: String? = nil,
        previousID: String? = nil,
        sender: String? = nil,
        meta: [String: String] = [:],
        skipsSequencing: Bool = false
    ) {
        self.init(
            unchecked: [format],
            id: id,
            previousID: previousID,
            meta: Self.meta(meta, sender: sender),
            skipsSequencing: skipsSequencing
        )
    }

    /// Makes an item for several transports at once.
    ///
    /// - Parameters:
    ///   - formats: What to publish, one format for each transport.
    ///   - id: The item's id.
    ///   - previousID: The id of the item before it on the channel.
    ///   - sender: Who publishes; subscriptions with ``GRIPFilter/skipSelf`` of that user do not receive the item.
    ///   - meta: What the filters know about the item.
    ///   - skipsSequencing: Whether to deliver the item at once, whatever its prev-id.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/item`` when there is no format or two of the same transport.
    public init(
        _ formats: [GRIPFormat],
        id: String? = nil,
        previousID: String? = nil,
        sender: String? = nil,
        meta: [String: String] = [:],
        skipsSequencing: Bool = false
    ) throws(GRIPError) {
        guard !formats.isEmpty else { throw GRIPError(.item, "no formats specified") }
        var names: Set<String> = []
        for format in formats where !names.insert(format.name).inserted {
            throw GRIPError(.item, "an item has at most one \(format.name)")
        }
        self.init(
            unchecked: formats,
            id: id,
            previousID: previousID,
            meta: Self.meta(meta, sender: sender),
            skipsSequencing: skipsSequencing
        )
    }

    private static func meta(_ meta: [String: String], sender: String?) -> [String: String] {
        guard let sender else { return meta }
        return meta.merging(["sender": sender], uniquingKeysWith: { $1 })
    }

    /// Who published the item (`sender` of the meta).
    public var sender: String? { self.meta["sender"] }

    /// What the item is for response holds.
    public var httpResponse: GRIPHTTPResponse? {
        for case .httpResponse(let format) in self.formats.lazy.map(\.kind) { return format }
        return nil
    }

    /// What the item is for stream holds.
    public var httpStream: GRIPHTTPStream? {
        for case .httpStream(let format) in self.formats.lazy.map(\.kind) { return format }
        return nil
    }

    /// What the item is for WebSockets.
    public var webSocketMessage: GRIPWebSocketMessage? {
        for case .webSocketMessage(let format) in self.formats.lazy.map(\.kind) { return format }
        return nil
    }
}
