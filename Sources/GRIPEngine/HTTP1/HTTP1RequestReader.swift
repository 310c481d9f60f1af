package import HTTPTypes
package import NIOCore

/// Reads requests out of what a client sends, in whatever pieces it comes (RFC 9112).
///
/// A head is read line by line, each when it has come to its end, so that it makes no difference where the pieces are
/// cut.
package struct HTTP1RequestReader {
    package enum Part: Sendable, Hashable {
        case head(HTTP1RequestHead)
        /// A part of the body, and in how many pieces it was sent, see ``ReadBudget``.
        case body(ByteBuffer, pieces: Int)
        /// The end of a request, with its trailers.
        case end(HTTPFields?)
        /// What follows is not a request; there are no further parts.
        case malformed(HTTP1Problem)
    }

    /// What may come after a request.
    private enum Following {
        case request
        case otherProtocol
        case nothing
    }

    private enum State {
        case start(emptyLines: Int)
        case fields(HTTP1RequestLine, HTTP1FieldSection)
        case body(HTTP1BodyReader, Following)
        /// Another protocol may follow.
        case stopped
        /// Nothing that follows is of interest.
        case over
    }

    private let limits: HTTP1Limits
    private let names: FieldNameTable?
    private let stopsForUpgrades: Bool
    private var lines = HTTP1LineReader()
    private var state = State.start(emptyLines: 0)

    /// Makes a reader for a new connection.
    ///
    /// - Parameters:
    ///   - limits: How long heads and trailers may be.
    ///   - names: The names of fields that are known.
    ///   - stopsForUpgrades: Whether what follows a request for another protocol is left alone.
    package init(limits: HTTP1Limits, names: FieldNameTable?, stopsForUpgrades: Bool) {
        self.limits = limits
        self.names = names
        self.stopsForUpgrades = stopsForUpgrades
    }

    /// Takes what has come.
    package mutating func append(_ bytes: ByteBuffer) {
        if case .over = self.state { return }
        self.lines.append(bytes)
    }

    /// The next part of what has come, if there is a whole one.
    package mutating func next() -> Part? {
        do throws(HTTP1Problem) {
            if let part = try self.read() { return part }
            self.lines.compact()
            return nil
        } catch {
            self.finish()
            return .malformed(error)
        }
    }

    /// What has come and is not part of a request.
    package mutating func takeRest() -> ByteBuffer {
        defer { self.finish() }
        return self.lines.buffer
    }

    private mutating func finish() {
        self.state = .over
        self.lines = HTTP1LineReader()
    }

    private mutating func read() throws(HTTP1Problem) -> Part? {
        while true {
            switch self.state {
            case .start(let emptyLines):
                guard let line = try self.lines.line(limit: self.limits.firstLine) else { return nil }
                if line.readableBytes == 0 {
                    guard emptyLines < self.limits.emptyLines else { throw .tooManyEmptyLines }
                    self.state = .start(emptyLines: emptyLines + 1)
                } else {
                    let line = try HTTP1RequestLine(line)
                    let section = HTTP1FieldSection(after: line.target.utf8.count, limits: self.limits)
                    self.state = .fields(line, section)
                }
            case .fields(let line, var section):
                // The state lets go of its fields, or each line would copy them.
                self.state = .over
                let isWhole = try section.read(&self.lines, names: self.names, of: .request)
                self.state = .fields(line, section)
                guard isWhole else { return nil }
                let head = try HTTP1RequestHead(line, section.fields)
                self.state = .body(HTTP1BodyReader(head.bodyLength, limits: self.limits), self.following(head))
                return .head(head)
            case .body(var body, let following):
                let part = try body.next(&self.lines, names: self.names)
                self.state = .body(body, following)
                switch part {
                case nil: return nil
                case .content(let bytes, let pieces): return .body(bytes, pieces: pieces)
                case .end(let trailers):
                    switch following {
                    case .request: self.state = .start(emptyLines: 0)
                    case .otherProtocol: self.state = .stopped
                    case .nothing: self.finish()
                    }
                    return .end(trailers)
                }
            case .stopped, .over: return nil
            }
        }
    }

    private func following(_ head: HTTP1RequestHead) -> Following {
        if head.upgrade != nil, self.stopsForUpgrades { return .otherProtocol }
        return head.keepsAlive ? .request : .nothing
    }
}
