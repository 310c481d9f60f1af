import GRIP
import NIOCore

/// A client's connection to the proxy: exact bytes out, and responses as they come.
final class ClientConnection {
    /// What came before the body of a response.
    struct Head: Sendable {
        let version: String
        let status: Int
        let reason: String
        let fields: HeaderList
        fileprivate let framing: BodyFraming?

        fileprivate init?(_ head: MessageHead) {
            let words = head.words
            guard words.count >= 2, let status = Int(words[1]), words[0].hasBytePrefix("HTTP/1.") else { return nil }
            self.version = words[0]
            self.status = status
            self.reason = words.count > 2 ? words[2] : ""
            self.fields = head.fields
            self.framing = head.framing
        }

        var isChunked: Bool { self.framing == .chunked }
    }

    /// A response that is complete.
    struct Response: Sendable {
        let head: Head
        let body: ByteBuffer

        var status: Int { self.head.status }
        var reason: String { self.head.reason }
        var fields: HeaderList { self.head.fields }
        var text: String { String(buffer: self.body) }
    }

    let stream: ByteStream
    let patience: Duration
    private let host: String
    private var method = "GET"
    private var decoder = BodyDecoder(.none)
    /// What came of the current response's body so far.
    private(set) var body = ByteBuffer()

    init(_ stream: ByteStream, host: String, patience: Duration) {
        self.stream = stream
        self.host = host
        self.patience = patience
    }

    // MARK: Sending

    func send(_ text: String) async throws { try await self.send(ByteBuffer(string: text)) }

    func send(_ bytes: ByteBuffer) async throws { try await self.stream.send(bytes) }

    /// Sends a request with the header lines that a request must have.
    func request(
        _ method: String = "GET",
        _ target: String,
        _ fields: HeaderList = [:],
        body: ByteBuffer? = nil
    ) async throws {
        self.method = method
        var all = fields["Host"] == nil ? HeaderList(dictionaryLiteral: ("Host", self.host)) + fields : fields
        if let body, all["Content-Length"] == nil, all["Transfer-Encoding"] == nil {
            all.append("Content-Length", "\(body.readableBytes)")
        }
        var bytes = ByteBuffer(string: "\(method) \(target) HTTP/1.1\r\n\(all.text)\r\n")
        if let body { bytes.writeImmutableBuffer(body) }
        try await self.send(bytes)
    }

    // MARK: Receiving

    /// The head of the next response.
    func head(within limit: Duration? = nil) async throws -> Head {
        let head = try await self.stream.read("a response", within: limit ?? self.patience) { inbound in
            MessageHead.read(from: &inbound.bytes)
        }
        return try self.begin(head)
    }

    /// The head of the next response, or nothing where it does not come in time.
    func headIfAny(within limit: Duration) async throws -> Head? {
        let head = try await self.stream.readIfAny(within: limit) { inbound in
            MessageHead.read(from: &inbound.bytes)
        }
        return try head.map { try self.begin($0) }
    }

    /// Reads the current response's body until it contains a text, and gives all that came of it.
    @discardableResult
    func body(until text: String, within limit: Duration? = nil) async throws -> String {
        var searched = 0
        try await self.readBody("\(text.debugDescription) in the body", within: limit) { body in
            // Only what is new, and as much before it as may belong to the text, is looked at again.
            let start = max(0, searched - text.utf8.count)
            searched = body.readableBytes
            return body.getSlice(at: body.readerIndex + start, length: searched - start)?.contains(text) ?? false
        }
        return String(buffer: self.body)
    }

    /// Reads the current response's body until it has that many bytes.
    func body(ofAtLeast count: Int, within limit: Duration? = nil) async throws -> ByteBuffer {
        try await self.readBody("\(count) bytes of body", within: limit) { $0.readableBytes >= count }
        return self.body
    }

    /// Reads the current response's body to its end, and gives all of it.
    @discardableResult
    func rest(within limit: Duration? = nil) async throws -> ByteBuffer {
        let deadline = ContinuousClock.now + (limit ?? self.patience)
        while try await self.readPart("the end of the body", before: deadline) {}
        return self.body
    }

    /// The next response, complete.
    func response(within limit: Duration? = nil) async throws -> Response {
        let head = try await self.head(within: limit)
        return Response(head: head, body: try await self.rest(within: limit))
    }

    /// Waits for the proxy to close the connection.
    func waitForEnd(within limit: Duration? = nil) async throws {
        try await self.stream.waitForEnd(within: limit ?? self.patience)
    }

    func close() { self.stream.close() }

    private func begin(_ head: MessageHead) throws -> Head {
        guard let parsed = Head(head) else {
            throw GRIPConformanceFailure(expected: "a response", observed: head.startLine.debugDescription)
        }
        self.body = ByteBuffer()
        self.decoder = BodyDecoder(self.framing(of: parsed))
        return parsed
    }

    private func framing(of head: Head) -> BodyFraming {
        if self.method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304 { return .none }
        return head.framing ?? .untilClose
    }

    private func readBody(
        _ expected: String,
        within limit: Duration?,
        until isEnough: (ByteBuffer) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + (limit ?? self.patience)
        while !isEnough(self.body) {
            guard try await self.readPart(expected, before: deadline) else {
                throw GRIPConformanceFailure(expected: expected, observed: "a body of \(self.body.excerpt)")
            }
        }
    }

    private func readPart(_ expected: String, before deadline: ContinuousClock.Instant) async throws -> Bool {
        let decoder = self.decoder
        let limit = max(deadline - .now, .zero)
        let outcome: (BodyDecoder.Part, BodyDecoder)
        do {
            outcome = try await self.stream.read(expected, within: limit) { try decoder.step(&$0) }
        } catch let failure as GRIPConformanceFailure {
            throw GRIPConformanceFailure(
                expected: expected,
                observed: "\(failure.observed), the body so far being \(self.body.excerpt)"
            )
        }
        self.decoder = outcome.1
        guard case .data(let data) = outcome.0 else { return false }
        self.body.writeImmutableBuffer(data)
        return true
    }
}
