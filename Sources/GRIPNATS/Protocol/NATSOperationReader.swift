package import NIOCore

/// Finds the operations of a server in what comes from it, however it is cut into pieces.
///
/// The parts of a message are slices of the pieces. Bytes are copied only where an operation lies in several pieces.
package struct NATSOperationReader: Sendable {
    /// How much of one operation is taken.
    package struct Limits: Sendable, Hashable {
        /// The bytes of a line that is not INFO.
        ///
        /// Servers take lines of 4,096 bytes, and what a client gets of one is a little longer.
        package var line: Int
        /// The bytes of INFO, which names all servers of a cluster.
        package var info: Int
        /// The bytes of a message, headers and payload together; what is larger is skipped.
        package var message: Int

        package init(line: Int = 8192, info: Int = 262_144, message: Int = 67_108_864) {
            self.line = line
            self.info = info
            self.message = message
        }
    }

    private enum State: Sendable {
        /// A line begins; so many bytes of it have no end.
        case line(scanned: Int)
        /// The line of a message has been read, its content comes.
        case message(MessageLine)
        /// So much of a message that is too large is still to come.
        case skipping(MessageLine, left: Int)
        case failed(NATSProtocolViolation)
    }

    /// The first line of a message.
    struct MessageLine: Sendable {
        var subscription: UInt64
        var subject: ByteBuffer
        var reply: ByteBuffer?
        /// How many of the bytes are headers; `nil` for a message without.
        var headerByteCount: Int?
        /// The bytes of the headers and of the payload.
        var byteCount: Int
    }

    private let limits: Limits
    private var buffer = ByteBuffer()
    private var state = State.line(scanned: 0)

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether everything that came has been read.
    package var isAtBoundary: Bool {
        if case .line = self.state { self.buffer.readableBytes == 0 } else { false }
    }

    /// Takes the next piece.
    package mutating func append(_ piece: ByteBuffer) {
        if self.buffer.readableBytes == 0 {
            self.buffer = piece
        } else if self.buffer.readerIndex == 0 {
            self.buffer.writeImmutableBuffer(piece)
        } else {
            // What was read would stay in memory for as long as this grows.
            var joined = ByteBuffer()
            joined.reserveCapacity(self.buffer.readableBytes + piece.readableBytes)
            joined.writeImmutableBuffer(self.buffer)
            joined.writeImmutableBuffer(piece)
            self.buffer = joined
        }
    }

    /// The next operation.
    ///
    /// - Throws: A violation, which repeats itself: nothing can be read after one.
    /// - Returns: `nil` until more has come.
    package mutating func next() throws(NATSProtocolViolation) -> NATSServerOperation? {
        do throws(NATSProtocolViolation) {
            while true {
                switch self.state {
                case .line(let scanned):
                    guard let line = try self.line(scanned: scanned) else { return nil }
                    guard line.readableBytes > 0 else { continue }
                    if let operation = try self.operation(line) { return operation }
                case .message(let line):
                    return try self.message(line)
                case .skipping(let line, let left):
                    let count = min(left, self.buffer.readableBytes)
                    self.buffer.moveReaderIndex(forwardBy: count)
                    guard count == left else {
                        self.state = .skipping(line, left: left - count)
                        return nil
                    }
                    self.state = .line(scanned: 0)
                    return .skipped(subscription: line.subscription, byteCount: line.byteCount)
                case .failed(let violation): throw violation
                }
            }
        } catch {
            self.state = .failed(error)
            self.buffer = ByteBuffer()
            throw error
        }
    }

    // MARK: Lines

    /// Takes a line, without its end.
    private mutating func line(scanned: Int) throws(NATSProtocolViolation) -> ByteBuffer? {
        let view = self.buffer.readableBytesView
        let isInfo = view.first.map { $0 | 0x20 == UInt8(ascii: "i") } ?? false
        let limit = isInfo ? self.limits.info : self.limits.line
        guard let end = view.dropFirst(scanned).firstIndex(of: UInt8(ascii: "\n")) else {
            guard view.count <= limit else {
                throw NATSProtocolViolation("a line has more than \(limit) bytes")
            }
            self.state = .line(scanned: view.count)
            return nil
        }
        let count = end - view.startIndex
        guard count <= limit else { throw NATSProtocolViolation("a line has more than \(limit) bytes") }
        self.state = .line(scanned: 0)
        guard var line = self.buffer.readSlice(length: count) else { return nil }
        self.buffer.moveReaderIndex(forwardBy: 1)
        if line.readableBytesView.last == UInt8(ascii: "\r") { line.moveWriterIndex(to: line.writerIndex - 1) }
        return line
    }

    /// Reads a line.
    ///
    /// - Returns: `nil` for the first line of a message.
    private mutating func operation(_ line: ByteBuffer) throws(NATSProtocolViolation) -> NATSServerOperation? {
        let words = NATSLineWords(line)
        switch words.operation {
        case .message: try self.begin(words.messageLine(hasHeaders: false))
        case .messageWithHeaders: try self.begin(words.messageLine(hasHeaders: true))
        case .ping: return .ping
        case .pong: return .pong
        case .ok: return .ok
        case .error: return .error(words.errorText)
        case .info: return .info(words.rest)
        case nil: throw NATSProtocolViolation("an operation is not known: \(LineExcerpt.text(of: line))")
        }
        return nil
    }

    private mutating func begin(_ line: MessageLine) {
        // The line end after the payload is counted where it is skipped.
        self.state =
            line.byteCount > self.limits.message ? .skipping(line, left: line.byteCount + 2) : .message(line)
    }

    // MARK: Messages

    private mutating func message(_ line: MessageLine) throws(NATSProtocolViolation) -> NATSServerOperation? {
        guard self.buffer.readableBytes >= line.byteCount + 2 else { return nil }
        let headerByteCount = line.headerByteCount ?? 0
        guard let headers = self.buffer.readSlice(length: headerByteCount),
            let payload = self.buffer.readSlice(length: line.byteCount - headerByteCount)
        else { return nil }
        guard self.buffer.readInteger(as: UInt16.self) == 0x0D0A else {
            throw NATSProtocolViolation("a message does not end where its length says")
        }
        self.state = .line(scanned: 0)
        return .message(
            GRIPNATSMessage(
                subscription: line.subscription,
                subject: line.subject,
                reply: line.reply,
                headers: line.headerByteCount == nil ? nil : headers,
                payload: payload
            )
        )
    }
}
