import GRIP
import HTTPTypes
import NIOCore

/// Reads the body of a message, in whatever pieces it comes.
struct HTTP1BodyReader: Sendable {
    enum Part: Sendable, Hashable {
        /// Content, and in how many pieces it was sent as far as that costs time.
        case content(ByteBuffer, pieces: Int)
        case end(HTTPFields?)
    }

    private enum State {
        case length(missing: Int)
        case chunkSize
        case chunk(missing: Int)
        case chunkEnd
        case trailers(HTTP1FieldSection)
        case untilClose
        case failed(HTTP1Problem)
    }

    /// Content in pieces up to this size is joined, because each piece costs those who pass it on more than a copy.
    private static let joinedBytes = 1024
    private static let longestJoin = 65_536

    private var state: State
    private let limits: HTTP1Limits
    private let kind: HTTP1MessageKind
    /// How much longer all extensions of chunks may be than all content.
    private var extensionAllowance: Int

    private init(_ state: State, limits: HTTP1Limits, kind: HTTP1MessageKind) {
        self.state = state
        self.limits = limits
        self.kind = kind
        self.extensionAllowance = limits.head
    }

    /// Reads the body of a request.
    init(_ length: BodyLength, limits: HTTP1Limits) {
        let state: State =
            switch length {
            case .none: .length(missing: 0)
            case .known(let count): .length(missing: count)
            case .untilEnd: .chunkSize
            }
        self.init(state, limits: limits, kind: .request)
    }

    /// Reads the body of a response.
    init(_ length: HTTP1ResponseLength, limits: HTTP1Limits) {
        let state: State =
            switch length {
            case .none: .length(missing: 0)
            case .known(let count): .length(missing: count)
            case .chunked: .chunkSize
            case .untilClose: .untilClose
            }
        self.init(state, limits: limits, kind: .response)
    }

    /// Whether the end of the connection ends the body.
    var endsWithConnection: Bool { if case .untilClose = self.state { true } else { false } }

    /// The next part, if there is one.
    mutating func next(_ lines: inout HTTP1LineReader, names: FieldNameTable?) throws(HTTP1Problem) -> Part? {
        switch self.state {
        case .length(let missing):
            guard missing > 0 else { return .end(nil) }
            guard !lines.isEmpty else { return nil }
            let content = lines.content(upTo: missing)
            self.state = .length(missing: missing - content.readableBytes)
            return .content(content, pieces: 1)
        case .untilClose: return lines.isEmpty ? nil : .content(lines.content(upTo: .max), pieces: 1)
        case .chunkSize, .chunk, .chunkEnd, .trailers: return try self.nextOfChunks(&lines, names: names)
        case .failed(let problem): throw problem
        }
    }

    private mutating func nextOfChunks(
        _ lines: inout HTTP1LineReader,
        names: FieldNameTable?
    ) throws(HTTP1Problem) -> Part? {
        var joined = ByteBuffer()
        var pieces = 0
        do throws(HTTP1Problem) {
            while true {
                switch self.state {
                case .length, .untilClose, .failed: return nil
                case .chunkSize:
                    guard let line = try self.sizeLine(&lines) else { return Self.part(joined, pieces) }
                    let size = try self.size(line)
                    self.state = size > 0 ? .chunk(missing: size) : .trailers(HTTP1FieldSection(limits: self.limits))
                case .chunk(let missing):
                    guard !lines.isEmpty else { return Self.part(joined, pieces) }
                    let available = min(missing, lines.buffer.readableBytes)
                    if joined.readableBytes > 0 {
                        guard available <= Self.joinedBytes, joined.readableBytes + available <= Self.longestJoin else {
                            return .content(joined, pieces: pieces)
                        }
                        joined.writeImmutableBuffer(lines.content(upTo: missing))
                    } else {
                        joined = lines.content(upTo: missing)
                    }
                    pieces += 1
                    self.extensionAllowance += available
                    self.state = available == missing ? .chunkEnd : .chunk(missing: missing - available)
                    if available > Self.joinedBytes { return .content(joined, pieces: pieces) }
                case .chunkEnd:
                    guard try lines.lineEnd() else { return Self.part(joined, pieces) }
                    self.state = .chunkSize
                case .trailers(var section):
                    guard joined.readableBytes == 0 else { return .content(joined, pieces: pieces) }
                    let isWhole = try section.read(&lines, names: names, of: self.kind)
                    self.state = .trailers(section)
                    guard isWhole else { return nil }
                    return .end(section.fields.isEmpty ? nil : section.fields)
                }
            }
        } catch {
            self.state = .failed(error)
            // What came before the mistake is content all the same; the next call tells of the mistake.
            guard joined.readableBytes == 0 else { return .content(joined, pieces: pieces) }
            throw error
        }
    }

    private static func part(_ joined: ByteBuffer, _ pieces: Int) -> Part? {
        joined.readableBytes > 0 ? .content(joined, pieces: pieces) : nil
    }

    private func sizeLine(_ lines: inout HTTP1LineReader) throws(HTTP1Problem) -> ByteBuffer? {
        do throws(HTTP1Problem) {
            return try lines.line(limit: self.limits.line)
        } catch {
            throw error == .tooLong ? .chunkExtensions : error
        }
    }

    /// The size in the line before a chunk; blanks and extensions behind it are of no interest.
    private mutating func size(_ line: ByteBuffer) throws(HTTP1Problem) -> Int {
        let bytes = line.readableBytesUInt8Span
        var size = 0
        var index = 0
        while index < bytes.count, let digit = bytes[index].hexDigitValue {
            guard index < 15 else { throw .chunk }
            size = size << 4 | Int(digit)
            index += 1
        }
        guard index > 0 else { throw .chunk }
        self.extensionAllowance -= bytes.count - index
        while index < bytes.count, bytes[index].isBlank { index += 1 }
        guard index == bytes.count || bytes[index] == .semicolon else { throw .chunk }
        guard self.extensionAllowance >= 0 else { throw .chunkExtensions }
        return size
    }
}
