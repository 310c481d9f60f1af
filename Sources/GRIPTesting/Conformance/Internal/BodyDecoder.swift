import GRIP
import NIOCore

/// Takes a body apart as it arrives.
struct BodyDecoder: Sendable {
    enum Part: Sendable {
        case data(ByteBuffer)
        case end
    }

    private enum State: Sendable {
        case exactly(Int)
        case untilClose
        case chunkSize
        case chunkData(Int)
        case chunkEnd
        case trailer
        case ended
    }

    private var state: State
    init(_ framing: BodyFraming) {
        switch framing {
        case .none: self.state = .ended
        case .length(let count): self.state = .exactly(count)
        case .chunked: self.state = .chunkSize
        case .untilClose: self.state = .untilClose
        }
    }

    var isEnded: Bool { if case .ended = self.state { true } else { false } }

    /// Takes the next part of the body and gives what decodes the rest, or nothing where more must arrive.
    func step(_ inbound: inout ByteStream.Inbound) throws -> (Part, BodyDecoder)? {
        var decoder = self
        var rest = inbound
        guard let part = try decoder.next(&rest) else { return nil }
        inbound = rest
        return (part, decoder)
    }

    private mutating func next(_ inbound: inout ByteStream.Inbound) throws -> Part? {
        while true {
            switch self.state {
            case .ended, .exactly(0):
                self.state = .ended
                return .end
            case .exactly(let left):
                guard let data = Self.take(left, &inbound.bytes) else { return nil }
                self.state = .exactly(left - data.readableBytes)
                return .data(data)
            case .untilClose:
                if let data = Self.take(.max, &inbound.bytes) { return .data(data) }
                guard inbound.isEnded else { return nil }
                self.state = .ended
            case .chunkSize:
                guard let line = inbound.bytes.readSlice(through: "\r\n") else { return nil }
                self.state = try self.afterSize(line)
            case .chunkData(let left):
                guard let data = Self.take(left, &inbound.bytes) else { return nil }
                self.state = left == data.readableBytes ? .chunkEnd : .chunkData(left - data.readableBytes)
                return .data(data)
            case .chunkEnd:
                guard let line = inbound.bytes.readSlice(through: "\r\n") else { return nil }
                guard line.readableBytes == 2 else { throw Self.failure("a line end after a chunk", line) }
                self.state = .chunkSize
            case .trailer:
                guard let line = inbound.bytes.readSlice(through: "\r\n") else { return nil }
                if line.readableBytes == 2 { self.state = .ended }
            }
        }
    }

    private mutating func afterSize(_ line: ByteBuffer) throws -> State {
        let text = String(buffer: line).prefix { $0 != ";" }.trimmingASCIIWhitespace()
        guard let size = Int(text, radix: 16), size >= 0 else { throw Self.failure("the size of a chunk", line) }
        guard size > 0 else { return .trailer }
        return .chunkData(size)
    }

    private static func take(_ most: Int, _ bytes: inout ByteBuffer) -> ByteBuffer? {
        let count = min(most, bytes.readableBytes)
        return count > 0 ? bytes.readSlice(length: count) : nil
    }

    private static func failure(_ expected: String, _ bytes: ByteBuffer) -> GRIPConformanceFailure {
        GRIPConformanceFailure(expected: expected, observed: bytes.excerpt)
    }
}
