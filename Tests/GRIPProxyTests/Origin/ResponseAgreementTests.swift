import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import GRIPProxy

/// What an exchange gets of an origin's answer does not depend on how that is cut, nor on which reader reads it.
@Suite("What is understood of answers, whole and in pieces", .timeLimit(.minutes(10)))
struct ResponseAgreementTests {
    /// What an exchange gets.
    private struct Answer: Equatable {
        var head: HTTPResponse?
        var keepsAlive = false
        var body: [UInt8] = []
        var isEnded = false
        var trailers: HTTPFields?
        var problem: HTTP1Problem?
    }

    private static let limits = HTTP1Limits(head: 4096, fields: 30)

    private static func read(_ pieces: [ArraySlice<UInt8>], method: HTTPRequest.Method, names: FieldNameTable) -> Answer
    {
        var reader = HTTP1ResponseReader(answering: method, limits: Self.limits, names: names)
        var answer = Answer()
        for piece in pieces {
            reader.append(ByteBuffer(bytes: piece))
            do throws(HTTP1Problem) {
                while let part = try reader.next() {
                    switch part {
                    case .head(let head):
                        answer.head = head.head
                        answer.keepsAlive = head.keepsAlive
                    case .body(let bytes, _): answer.body += Array(bytes.readableBytesView)
                    case .end(let trailers):
                        answer.isEnded = true
                        answer.trailers = trailers
                    }
                }
            } catch {
                answer.problem = error
                return answer
            }
        }
        return answer
    }

    /// What the way past the general reader makes of an answer, if it takes that.
    private static func readPlain(_ bytes: [UInt8], names: FieldNameTable) -> Answer? {
        guard let plain = PlainResponseHead(ByteBuffer(bytes: bytes), names: names) else { return nil }
        var answer = Answer(head: plain.head, keepsAlive: true)
        answer.body = Array(bytes.dropFirst(plain.byteCount).prefix(plain.bodyLength))
        answer.isEnded = answer.body.count == plain.bodyLength
        return answer
    }

    @Test("2,000 answers that nobody sends on purpose, each cut at every position", arguments: [1, 2] as [UInt64])
    func hostile(seed: UInt64) {
        var hostile = HostileResponses(seed: seed)
        let names = FieldNameTable()
        var plainCount = 0
        for step in 0..<2000 {
            let bytes = Array(hostile.next().parts.joined())
            guard bytes.count <= 400 else { continue }
            let context = "seed \(seed), step \(step): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
            for method in [HTTPRequest.Method.get, .head] {
                let whole = Self.read([bytes[...]], method: method, names: names)
                if method == .get, let plain = Self.readPlain(bytes, names: names) {
                    plainCount += 1
                    #expect(plain == whole, "\(context)")
                }
                for cut in bytes.indices {
                    let answer = Self.read([bytes[..<cut], bytes[cut...]], method: method, names: names)
                    guard answer == whole else {
                        Issue.record("cut at \(cut): \(answer) instead of \(whole), \(context)")
                        return
                    }
                }
            }
        }
        #expect(plainCount > 100)
    }

    @Test("What is written to an origin is what NIO's decoder and ours read", arguments: [1] as [UInt64])
    func requests(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "REPORT"].compactMap {
            HTTPRequest.Method($0)
        }
        let lengths: [BodyLength] = [.none, .known(0), .known(12), .untilEnd]
        let values = ["", "a", "a b", "caf\u{e9}", "\"q\\\"\"", "a, b", "\t-"]
        for _ in 0..<500 {
            let method = try #require(methods.randomElement(using: &random))
            var fields = PassedFields()
            for index in 0..<Int.random(in: 0...6, using: &random) {
                let name = try #require(HTTPField.Name("X-\(index % 4)_\(index)"))
                fields.append(own: HTTPField(name: name, value: values.randomElement(using: &random) ?? ""))
            }
            var passed = PassedFields()
            for field in fields { passed.append(own: field) }
            let request = OriginRequest(
                to: .test,
                method: method,
                authority: "h:1",
                path: "/p?q=\(Int.random(in: 0...9, using: &random))",
                fields: passed,
                bodyLength: lengths.randomElement(using: &random) ?? .none
            )
            var bytes = ByteBuffer()
            bytes.writeHead(of: request)

            var reader = HTTP1RequestReader(limits: Self.limits, names: nil, stopsForUpgrades: true)
            reader.append(bytes)
            guard case .head(let head) = reader.next() else {
                Issue.record("our reader refuses \(String(buffer: bytes).debugDescription)")
                return
            }
            let isExpected = [.post, .put, .patch].contains(method)
            let length = request.bodyLength == .none && isExpected ? .known(0) : request.bodyLength
            #expect(head.method == method && head.target == request.path && head.bodyLength == length)
            let others = head.fields.filter { ![.contentLength, .transferEncoding].contains($0.name) }
            #expect(others.dropFirst().map { "\($0)" } == fields.map { "\($0)" })
            #expect(others.first.map { "\($0)" } == "Host: h:1")

            let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
            try channel.writeInbound(bytes)
            guard case .head(let nioHead) = try channel.readInbound(as: HTTPServerRequestPart.self) else {
                Issue.record("NIO's decoder refuses \(String(buffer: bytes).debugDescription)")
                return
            }
            #expect(nioHead.method.rawValue == method.rawValue && nioHead.uri == request.path && nioHead.isKeepAlive)
            #expect(nioHead.headers.map(\.name) == head.fields.map(\.name.rawName))
        }
    }
}
