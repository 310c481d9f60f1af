package import HTTPTypes
package import NIOCore

/// Reads the response to a request out of what an origin sends, in whatever pieces it comes (RFC 9112).
package struct HTTP1ResponseReader {
    package enum Part: Sendable, Hashable {
        case head(HTTP1StatusHead)
        /// A part of the body, and in how many pieces it was sent, see ``ReadBudget``.
        case body(ByteBuffer, pieces: Int)
        /// The end of the response, with its trailers.
        case end(HTTPFields?)
    }

    private enum State {
        case start(emptyLines: Int)
        case fields(HTTP1StatusLine, HTTP1FieldSection)
        case body(HTTP1BodyReader)
        case over
    }

    private let method: HTTPRequest.Method
    private let limits: HTTP1Limits
    private let names: FieldNameTable?
    private var lines = HTTP1LineReader()
    private var state = State.start(emptyLines: 0)

    /// Makes a reader for one response.
    ///
    /// - Parameters:
    ///   - method: The method of the request that it answers.
    ///   - limits: How long heads and trailers may be.
    ///   - names: The names of fields that are known.
    package init(answering method: HTTPRequest.Method, limits: HTTP1Limits, names: FieldNameTable?) {
        self.method = method
        self.limits = limits
        self.names = names
    }

    /// Takes what has come.
    package mutating func append(_ bytes: ByteBuffer) { self.lines.append(bytes) }

    /// What has come and is not part of the response.
    package var rest: ByteBuffer { self.lines.buffer }

    /// The next part of what has come, if there is a whole one.
    ///
    /// Interim responses are left out.
    package mutating func next() throws(HTTP1Problem) -> Part? {
        while true {
            switch self.state {
            case .start(let emptyLines):
                guard let line = try self.lines.line(limit: self.limits.firstLine) else { return nil }
                if line.readableBytes == 0 {
                    guard emptyLines < self.limits.emptyLines else { throw .tooManyEmptyLines }
                    self.state = .start(emptyLines: emptyLines + 1)
                } else {
                    self.state = .fields(try HTTP1StatusLine(line), HTTP1FieldSection(limits: self.limits))
                }
            case .fields(let line, var section):
                // The state lets go of its fields, or each line would copy them.
                self.state = .over
                let isWhole = try section.read(&self.lines, names: self.names, of: .response)
                self.state = .fields(line, section)
                guard isWhole else { return nil }
                if line.isInterim {
                    self.state = .start(emptyLines: 0)
                    continue
                }
                let head = try HTTP1StatusHead(line, section.fields, answering: self.method)
                self.state = .body(HTTP1BodyReader(head.length, limits: self.limits))
                return .head(head)
            case .body(var body):
                let part = try body.next(&self.lines, names: self.names)
                self.state = .body(body)
                switch part {
                case nil:
                    self.lines.compact()
                    return nil
                case .content(let bytes, let pieces): return .body(bytes, pieces: pieces)
                case .end(let trailers):
                    self.state = .over
                    return .end(trailers)
                }
            case .over: return nil
            }
        }
    }

    /// Takes the end of the connection.
    ///
    /// - Returns: The end of the response, if that is one.
    package mutating func finish() -> Part? {
        guard case .body(let body) = self.state, body.endsWithConnection else { return nil }
        self.state = .over
        return .end(nil)
    }
}
