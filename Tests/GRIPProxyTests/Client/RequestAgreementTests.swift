import GRIPEngine
import HTTPTypes
import NIOCore
import TestSupport
import Testing

/// What the proxy understands of requests does not depend on how they are cut, nor on which reader reads them.
///
/// A difference would let a client say one thing to the proxy and another to the next one who reads.
@Suite("What is understood of requests, whole and in pieces", .timeLimit(.minutes(10)))
struct RequestAgreementTests {
    /// What the proxy understands: whole requests with what becomes of them, and the mistake that ended them.
    private enum Event: Equatable {
        case request(ClientRequest, body: [UInt8], trailers: HTTPFields?)
        case refused(ProxyReply)
        /// A request of which more is to come.
        case begun(ClientRequest, body: [UInt8])
    }

    private static let limits = HTTP1Limits(head: 4096, fields: 30)
    private static let admission = RequestAdmission(peerAddress: "127.0.0.1", isOverTLS: false)

    /// Reads pieces as a connection does that has a decoder.
    private static func read(_ pieces: [ArraySlice<UInt8>], names: FieldNameTable) -> [Event] {
        var reader = HTTP1RequestReader(limits: Self.limits, names: names, stopsForUpgrades: true)
        var events: [Event] = []
        var request: ClientRequest?
        var body: [UInt8] = []
        for piece in pieces {
            reader.append(ByteBuffer(bytes: piece))
            while let part = reader.next() {
                switch part {
                case .head(let head):
                    switch Self.admission.decide(head) {
                    case .take(let taken): request = taken
                    case .refuse(let reply):
                        // The connection ends with it.
                        return events + [.refused(reply)]
                    }
                    body = []
                case .body(let bytes, _): body += Array(bytes.readableBytesView)
                case .end(let trailers):
                    if let request { events.append(.request(request, body: body, trailers: trailers)) }
                    request = nil
                case .malformed(let problem): return events + [.refused(problem.reply)]
                }
            }
        }
        if let request { events.append(.begun(request, body: body)) }
        return events
    }

    /// Reads all at once as a connection does that has no decoder yet.
    private static func readPlain(_ bytes: [UInt8], names: FieldNameTable) -> [Event] {
        var buffer = ByteBuffer(bytes: bytes)
        var events: [Event] = []
        while let head = PlainRequestHead(
            buffer,
            names: names,
            limit: Self.limits.head,
            fieldLimit: Self.limits.fields
        ) {
            buffer.moveReaderIndex(forwardBy: head.byteCount)
            events.append(.request(Self.admission.request(head), body: [], trailers: nil))
        }
        return events + Self.read([ArraySlice(buffer.readableBytesView)], names: names)
    }

    private static let texts = [
        "Host: h \r\n\r\n", "Host:\th\t\r\n\r\n", "Host: h\r\nX: \t a b \t\r\n\r\n", "Host: h\r\nX:\r\nY: \r\n\r\n",
        "Host: h\r\nX-Y_Z: caf\u{e9}\r\n\r\n", "Host: h\r\nConnection: Keep-Alive , X\r\n\r\n",
        "Host: h\r\nConnection: close\r\n\r\n", "Host: h\r\nContent-Length: 0\r\n\r\n", "Host: h\r\nHost: h\r\n\r\n",
        "Host: h:0\r\n\r\n", "Host: \r\n\r\n", "Host: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nframes",
    ].map { Array("GET / HTTP/1.1\r\n\($0)".utf8) }

    @Test("A request means the same, wherever it is cut")
    func known() {
        let names = FieldNameTable()
        for text in Self.texts { self.check(text, names, "\(String(decoding: text, as: UTF8.self).debugDescription)") }
    }

    @Test("1,500 requests that nobody sends on purpose, each cut at every position", arguments: [1, 2] as [UInt64])
    func hostile(seed: UInt64) {
        var hostile = HostileRequests(seed: seed)
        var fields = HostileBytes(
            seed: seed,
            seeds: Self.texts,
            pieces: [" ", "\t", "\r\n", ":", ",", "h", "\r"].map { Array($0.utf8) }
        )
        let names = FieldNameTable()
        for step in 0..<1500 {
            // Most of the long ones are long in one place.
            let bytes = step.isMultiple(of: 3) ? fields.next() : hostile.bytes()
            guard bytes.count <= 400 else { continue }
            self.check(
                bytes,
                names,
                "seed \(seed), step \(step): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
            )
        }
    }

    private func check(_ bytes: [UInt8], _ names: FieldNameTable, _ context: @autoclosure () -> String) {
        let whole = Self.read([bytes[...]], names: names)
        #expect(Self.readPlain(bytes, names: names) == whole, "\(context())")
        for cut in bytes.indices {
            let cutEvents = Self.read([bytes[..<cut], bytes[cut...]], names: names)
            guard cutEvents == whole else {
                Issue.record("cut at \(cut): \(cutEvents) instead of \(whole), \(context())")
                return
            }
        }
        #expect(Self.read(bytes.indices.map { bytes[$0...$0] }, names: names) == whole, "\(context())")
    }
}
