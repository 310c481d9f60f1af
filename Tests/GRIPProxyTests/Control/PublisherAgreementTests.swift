import GRIPEngine
import NIOCore
import TestSupport
import Testing

/// What the control API understands of a request does not depend on how that is cut, nor on which reader reads it.
@Suite("What is understood of publishers, whole and in pieces", .timeLimit(.minutes(5)))
struct PublisherAgreementTests {
    private static let limits = HTTP1Limits(head: 4096, fields: 30)

    /// Heads with their bodies, and the mistake that ended them.
    private struct Reading: Equatable {
        var heads: [ControlHead] = []
        var bodies: [[UInt8]] = []
        var problem: ControlResponse?
    }

    private static func read(_ pieces: [ArraySlice<UInt8>], after reading: Reading = Reading()) -> Reading {
        var reader = HTTP1RequestReader(limits: Self.limits, names: nil, stopsForUpgrades: false)
        var reading = reading
        for piece in pieces {
            reader.append(ByteBuffer(bytes: piece))
            while let part = reader.next() {
                switch part {
                case .head(let head):
                    reading.heads.append(ControlHead(head))
                    reading.bodies.append([])
                case .body(let bytes, _): reading.bodies[reading.bodies.count - 1] += Array(bytes.readableBytesView)
                case .end: break
                case .malformed(let problem): reading.problem = ControlResponse(problem)
                }
            }
        }
        return reading
    }

    /// Reads plain requests first, as the control API does.
    private static func readPlain(_ bytes: [UInt8]) -> Reading {
        var rest = ByteBuffer(bytes: bytes)
        var reading = Reading()
        while let plain = PlainControlHead(rest, limit: Self.limits.head) {
            rest.moveReaderIndex(forwardBy: plain.byteCount)
            reading.heads.append(plain.head)
            let body = rest.readBytes(length: min(plain.bodyLength, rest.readableBytes)) ?? []
            reading.bodies.append(body)
            guard body.count == plain.bodyLength else { return reading }
        }
        return Self.read([ArraySlice(rest.readableBytesView)], after: reading)
    }

    @Test("2,000 requests that nobody sends on purpose, each cut at every position", arguments: [1, 2] as [UInt64])
    func hostile(seed: UInt64) {
        let whole = "POST /publish/ HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nContent-Length: 5\r\n\r\nhello"
        var hostile = HostileBytes(
            seed: seed,
            seeds: [whole, whole + whole, "LIST /publish HTTP/1.1\r\nHost: a\r\n\r\n" + whole],
            pieces: [
                "POST ", "/publish/", " HTTP/1.1\r\n", "Host: a \r\n", "Content-Length: 5\r\n",
                "Content-Length: 5, 5\r\n",
                "\r\n", "Connection: keep-alive\r\n", "Transfer-Encoding: chunked\r\n", "Authorization: Bearer a \r\n",
                " ", "\t", "\n", "\r", ":", ",", "5", "\u{0}", "Expect: 100-continue\r\n",
                "Prefer:\treturn=representation\t\r\n",
            ]
        )
        for step in 0..<2000 {
            let bytes = hostile.next()
            let context = "seed \(seed), step \(step): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
            let reading = Self.read([bytes[...]])
            #expect(Self.readPlain(bytes) == reading, "\(context)")
            for cut in bytes.indices where Self.read([bytes[..<cut], bytes[cut...]]) != reading {
                Issue.record("cut at \(cut), \(context)")
                return
            }
        }
    }
}
