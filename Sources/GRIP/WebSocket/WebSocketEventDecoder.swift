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
            let byteCount = try self.readEvents(self.buffer, into: &events)
            self.offset += byteCount
            self.buffer.moveReaderIndex(forwardBy: byteCount)
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

    /// Reads as many lines and contents as are complete, and tells how many bytes they have.
    ///
    /// The buffer is a parameter because the decoder cannot change itself while it looks at bytes of its own.
    private mutating func readEvents(
        _ buffer: ByteBuffer,
        into events: inout [WebSocketEvent]
    ) throws(WebSocketEventError) -> Int {
        let bytes = buffer.readableBytesUInt8Span
        var index = 0
        while true {
            if let pending = self.pending {
                let end = index + pending.length
                guard bytes.count >= end + 2 else { return index }
                guard bytes[end] == .carriageReturn, bytes[end + 1] == .newline else {
                    throw WebSocketEventError(
                        .missingContentEnd,
                        at: self.offset + end,
                        "CR LF must follow the \(pending.length) bytes of content"
                    )
                }
                self.pending = nil
                let content = buffer.getSlice(at: buffer.readerIndex + index, length: pending.length)
                self.append(pending.kind, content ?? ByteBuffer(), to: &events)
                index = end + 2
            } else {
                guard try self.readLine(bytes, at: index) else { return index }
                let line = self.line
                self.line = WebSocketEventLine()
                let kind = WebSocketEventKind(letters: line.type)
                if let length = line.contentLength {
                    try self.checkContentLength(length, of: line, at: index)
                    self.pending = Pending(kind: kind, length: length)
                } else {
                    self.append(kind, ByteBuffer(), to: &events)
                }
                index += line.byteCount
            }
        }
    }

    /// Goes on with the line that begins at an index, and tells whether it is complete.
    private mutating func readLine(_ bytes: Span<UInt8>, at index: Int) throws(WebSocketEventError) -> Bool {
        while index + self.line.byteCount < bytes.count {
            let position = index + self.line.byteCount
            if try self.line.take(bytes[position], at: self.offset + position) { return true }
        }
        return false
    }

    private func checkContentLength(
        _ length: Int,
        of line: WebSocketEventLine,
        at index: Int
    ) throws(WebSocketEventError) {
        guard length > self.maximumContentLength else { return }
        throw WebSocketEventError(
            .contentTooLong,
            at: self.offset + index + line.typeLength + 1,
            "an event announces \(length) bytes of content, at most \(self.maximumContentLength) are accepted"
        )
    }

    private mutating func append(
        _ kind: WebSocketEventKind?,
        _ content: consuming ByteBuffer,
        to events: inout [WebSocketEvent]
    ) {
        if let kind {
            events.append(WebSocketEvent(kind, content))
        } else {
            self.skippedEventCount += 1
        }
    }
}
