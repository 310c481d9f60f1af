/// What a client has got over one connection, read strictly.
struct ClientTranscript {
    /// The responses that are complete, without those on the way to another.
    private(set) var statuses: [Int] = []
    /// Whether a WebSocket follows the last response.
    private(set) var isWebSocket = false
    /// How many frames have come.
    private(set) var frameCount = 0
    /// Whether the connection ended within a response.
    private(set) var isCutShort = false

    /// Reads what came.
    ///
    /// - Parameters:
    ///   - bytes: All bytes up to the end of the connection.
    ///   - mayHaveAskedForHead: Whether some request may have been `HEAD`, so that a response may end with its head.
    init(_ bytes: [UInt8], mayHaveAskedForHead: Bool) throws(StrictHTTPReader.Failure) {
        try self.read(StrictHTTPReader(bytes), mayHaveAskedForHead)
    }

    private mutating func read(
        _ start: StrictHTTPReader,
        _ mayHaveAskedForHead: Bool
    ) throws(StrictHTTPReader.Failure) {
        var reader = start
        do throws(StrictHTTPReader.Failure) {
            while !reader.isAtEnd {
                let head = try reader.head()
                switch try head.status() {
                case 100 where head.fields.isEmpty: continue
                case 101: return try self.readFrames(reader, head)
                case let code where code < 200: throw .malformed("a response ends with status \(code)")
                case let code: self.statuses.append(code)
                }
                if mayHaveAskedForHead, let rest = self.withoutBody(reader, head) {
                    self = rest
                    return
                }
                _ = try reader.body(head.responseFraming(toHead: false))
            }
        } catch {
            guard case .incomplete = error else { throw error }
            self.isCutShort = true
        }
    }

    /// What comes if a response ends with its head, or nothing if it does not.
    private func withoutBody(_ reader: StrictHTTPReader, _ head: StrictHTTPHead) -> ClientTranscript? {
        var other = self
        do throws(StrictHTTPReader.Failure) {
            guard try head.responseFraming(toHead: true) != head.responseFraming(toHead: false) else { return nil }
            try other.read(reader, true)
            return other
        } catch {
            return nil
        }
    }

    private mutating func readFrames(
        _ reader: StrictHTTPReader,
        _ head: StrictHTTPHead
    ) throws(StrictHTTPReader.Failure) {
        guard head.values("upgrade") == ["websocket"], head.values("sec-websocket-accept").count == 1 else {
            throw .malformed("a WebSocket begins with \(head)")
        }
        self.statuses.append(101)
        self.isWebSocket = true
        var frames = StrictFrameReader(isMasked: false)
        frames.append(reader.bytes[reader.position...])
        while try frames.next() != nil { self.frameCount += 1 }
    }
}
