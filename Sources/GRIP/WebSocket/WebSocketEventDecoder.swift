public import NIOCore

/// Reads `application/websocket-events` from chunks of any size.
///
/// Events come out as soon as they are complete, and their content is a slice of the chunk they arrived in, unless they
/// were spread over several. Lengths and line ends must be right to the byte. Events of unknown types are skipped, as the
/// protocol wants it, and so is content where none belongs; types are capital letters, so `open` is an error.
///
/// ```swift
/// var decoder = WebSocketEventDecoder()
/// for try await chunk in body {
///     for event in try decoder.decode(chunk) { handle(event) }
/// }
/// try decoder.finish()
/// ```
public struct WebSocketEventDecoder: Sendable {
    /// The content that one event may have unless told otherwise, in bytes.
    public static let defaultMaximumContentLength = 1_000_000

    /// The content that one event may have, in bytes.
    public let maximumContentLength: Int

    /// How many events of unknown types were skipped so far.
    public private(set) var skippedEventCount = 0

    private var buffer = ByteBuffer()
    /// The place of the first byte of the buffer in the whole stream.
    private var offset = 0
    private var line = WebSocketEventLine()
    private var pending: Pending?
    private var failure: WebSocketEventError?

    /// An event whose line is read and whose content is awaited.
    private struct Pending: Sendable {
        let kind: WebSocketEventKind?
        let length: Int
    }

    /// Makes a decoder for one body.
    ///
    /// - Parameter maximumContentLength: The content that one event may have, in bytes. What is held back between two
    ///   chunks is no more than one incomplete event, so this also bounds the memory.
    public init(maximumContentLength: Int = Self.defaultMaximumContentLength) {
        self.maximumContentLength = maximumContentLength
    }

    /// Takes the next bytes of the body.
    ///
    /// - Parameter bytes: A chunk of any size.
    /// - Returns: The events that are complete now and were not before.
    /// - Throws: ``WebSocketEventError`` at the first broken rule. The body is then invalid as a whole: the events of this
    ///   chunk are withheld, and every further call throws the same error.
    public mutating func decode(_ bytes: ByteBuffer) throws(WebSocketEventError) -> [WebSocketEvent] {
        if let failure = self.failure { throw failure }
        if self.buffer.readableBytes == 0 {
            self.buffer = bytes
        } else {
            self.buffer.writeImmutableBuffer(bytes)
        }
        do throws(WebSocketEventError) {
            var events: [WebSocketEvent] = []
            while try self.advance(&events) {}
            // Without what was read: events share the storage, so the next append has to copy what the buffer holds.
            self.buffer = self.buffer.slice()
            return events
        } catch {
            self.failure = error
            self.buffer = ByteBuffer()
            throw error
        }
    }

    /// Tells the decoder that the body has ended.
    ///
    /// - Throws: ``WebSocketEventError`` when the body ended inside an event, or had failed before.
    public func finish() throws(WebSocketEventError) {
        if let failure = self.failure { throw failure }
        let end = self.offset + self.buffer.readableBytes
        if let pending = self.pending {
            let present = max(0, min(pending.length, self.buffer.readableBytes))
            throw WebSocketEventError(
                .truncated,
                at: end,
                "the body ends after \(present) of \(pending.length) bytes of content and its CR LF"
            )
        }
        guard self.line.byteCount == 0 else {
            throw WebSocketEventError(.truncated, at: end, "the body ends inside the line of an event")
        }
    }

    /// Reads one line or one content, and tells whether there was enough for it.
    private mutating func advance(_ events: inout [WebSocketEvent]) throws(WebSocketEventError) -> Bool {
        if let pending = self.pending {
            guard let content = try self.readContent(ofLength: pending.length) else { return false }
            self.pending = nil
            self.append(pending.kind, content, to: &events)
            return true
        }
        guard try self.readLine() else { return false }
        let line = self.line
        self.line = WebSocketEventLine()
        let type = self.buffer.getString(at: self.buffer.readerIndex, length: line.typeLength) ?? ""
        self.skip(line.byteCount)
        let kind = WebSocketEventKind(rawValue: type)
        guard let length = line.contentLength else {
            self.append(kind, ByteBuffer(), to: &events)
            return true
        }
        guard length <= self.maximumContentLength else {
            throw WebSocketEventError(
                .contentTooLong,
                at: self.offset - line.byteCount + line.typeLength + 1,
                "an event announces \(length) bytes of content, at most \(self.maximumContentLength) are accepted"
            )
        }
        self.pending = Pending(kind: kind, length: length)
        return true
    }

    private mutating func readLine() throws(WebSocketEventError) -> Bool {
        var line = self.line
        // The decoder cannot change itself while it looks at its bytes.
        defer { self.line = line }
        return try Self.read(&line, of: self.buffer.readableBytesUInt8Span, at: self.offset)
    }

    private static func read(
        _ line: inout WebSocketEventLine,
        of bytes: Span<UInt8>,
        at offset: Int
    ) throws(WebSocketEventError) -> Bool {
        while line.byteCount < bytes.count {
            if try line.take(bytes[line.byteCount], at: offset + line.byteCount) { return true }
        }
        return false
    }

    private mutating func readContent(ofLength length: Int) throws(WebSocketEventError) -> ByteBuffer? {
        guard
            self.buffer.readableBytes >= length + 2,
            let content = self.buffer.getSlice(at: self.buffer.readerIndex, length: length)
        else { return nil }
        let end = self.buffer.getInteger(at: self.buffer.readerIndex + length, as: UInt16.self)
        guard end == UInt16(UInt8.carriageReturn) << 8 | UInt16(UInt8.newline) else {
            throw WebSocketEventError(
                .missingContentEnd,
                at: self.offset + length,
                "CR LF must follow the \(length) bytes of content"
            )
        }
        self.skip(length + 2)
        return content
    }

    private mutating func skip(_ count: Int) {
        self.buffer.moveReaderIndex(forwardBy: count)
        self.offset += count
    }

    private mutating func append(
        _ kind: WebSocketEventKind?,
        _ content: ByteBuffer,
        to events: inout [WebSocketEvent]
    ) {
        if let kind {
            events.append(WebSocketEvent(kind, content))
        } else {
            self.skippedEventCount += 1
        }
    }
}
