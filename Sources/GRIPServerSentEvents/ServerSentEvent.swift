public import NIOCore

/// One event of a stream of server-sent events (`text/event-stream`, the HTML standard, section 9.2), as a server sends it.
///
/// Clients dispatch an event that has ``data``. One without only has the effects of its other fields: a client notes its
/// ``id`` as the last one, and its ``retry``.
///
/// Nothing in an event can end it early or become another one: what would is refused, or split into lines.
public struct ServerSentEvent: Sendable, Hashable {
    /// The media type of a stream of events.
    public static let mediaType = "text/event-stream"

    /// The name of the event (`event`), or `nil` for `message`, which clients take it for.
    public let type: String?
    /// What the event says (`data`), or `nil` for an event that clients do not dispatch.
    public let data: String?
    /// What a client sends as `Last-Event-ID` when it connects again (`id`), or `nil` to leave that as it is.
    ///
    /// An empty one makes a client forget the last.
    public let id: String?
    /// After what time a client connects again (`retry`), in whole milliseconds, or `nil` to leave that to the client.
    public let retry: Duration?

    /// Makes an event.
    ///
    /// - Parameters:
    ///   - type: The name of the event: text without line ends. An empty one counts as `message`.
    ///   - data: Any text. Its line ends, of any kind, arrive as line feeds.
    ///   - id: Text without line ends and zero bytes.
    ///   - retry: After what time a client connects again; not negative. What is less than a millisecond is cut off.
    /// - Throws: ``ServerSentEventError`` that names the field which cannot be sent.
    public init(
        type: String? = nil,
        data: String? = nil,
        id: String? = nil,
        retry: Duration? = nil
    ) throws(ServerSentEventError) {
        try Self.check(type, "event")
        try Self.check(id, "id")
        if let id, id.utf8.contains(0) {
            throw ServerSentEventError(.field, "the field 'id' contains a zero byte, for which clients ignore it")
        }
        if let retry, retry < .zero {
            throw ServerSentEventError(.field, "the field 'retry' is negative")
        }
        self.type = type
        self.data = data
        self.id = id
        self.retry = retry
    }

    /// For names that stand in the source code.
    package init(unchecked type: String, data: String) {
        self.type = type
        self.data = data
        self.id = nil
        self.retry = nil
    }

    private static func check(_ text: String?, _ field: String) throws(ServerSentEventError) {
        guard let text, text.utf8.contains(where: { $0 == .carriageReturn || $0 == .newline }) else { return }
        throw ServerSentEventError(.field, "the field '\(field)' contains a line end, which would end it early")
    }

    // MARK: Writing

    /// The event as it stands in a stream, with the empty line behind it.
    public var bytes: ByteBuffer {
        var buffer = ByteBuffer()
        self.write(to: &buffer)
        return buffer
    }

    /// Writes the event as it stands in a stream, with the empty line behind it.
    ///
    /// - Parameter buffer: What is before it: the beginning of a stream, or other events.
    public func write(to buffer: inout ByteBuffer) {
        if let id = self.id { Self.write("id", id, to: &buffer) }
        if let type = self.type, !type.isEmpty { Self.write("event", type, to: &buffer) }
        if let retry = self.retry {
            let (seconds, attoseconds) = retry.components
            let (milliseconds, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
            let time = isTooLong ? Int64.max : milliseconds.addingWithSaturation(attoseconds / 1_000_000_000_000_000)
            Self.write("retry", "\(time)", to: &buffer)
        }
        if let data = self.data { Self.writeLines("data: ", data, to: &buffer) }
        buffer.writeInteger(UInt8.newline)
    }

    /// A comment, which clients pass over: it keeps a stream alive, or fills it up.
    ///
    /// - Parameter text: Any text; each of its lines becomes a comment.
    /// - Returns: The comment as it stands in a stream, with the empty line behind it.
    public static func comment(_ text: String = "") -> ByteBuffer {
        var buffer = ByteBuffer()
        Self.writeLines(":", text, to: &buffer)
        buffer.writeInteger(UInt8.newline)
        return buffer
    }

    private static func write(_ field: StaticString, _ value: String, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(field)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
        buffer.writeInteger(UInt8.newline)
    }

    /// Writes a field for each line of a text, so that no line of it stands by itself.
    private static func writeLines(_ prefix: StaticString, _ text: String, to buffer: inout ByteBuffer) {
        var rest = text.utf8[...]
        while true {
            buffer.writeStaticString(prefix)
            guard let end = rest.firstIndex(where: { $0 == .newline || $0 == .carriageReturn }) else {
                buffer.writeBytes(rest)
                buffer.writeInteger(UInt8.newline)
                return
            }
            buffer.writeBytes(rest[..<end])
            buffer.writeInteger(UInt8.newline)
            let next = rest.index(after: end)
            let isPair = rest[end] == .carriageReturn && next < rest.endIndex && rest[next] == .newline
            rest = rest[(isPair ? rest.index(after: next) : next)...]
        }
    }
}

extension Int64 {
    fileprivate func addingWithSaturation(_ other: Int64) -> Int64 {
        let (sum, isTooLarge) = self.addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}

extension UInt8 {
    static var newline: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var colon: UInt8 { 0x3A }
    static var space: UInt8 { 0x20 }
}
