import GRIP
import NIOCore
import Testing

@testable import GRIPTesting

/// What the suite's client and origin make of bodies, however they arrive.
@Suite struct BodyDecoderTests {
    private static let text = "5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\nrest"

    /// Decodes pieces; gives the body, what was left, and whether the body came to its end.
    private func decode(_ framing: BodyFraming, _ pieces: [String]) throws -> (String, String, Bool) {
        var decoder = BodyDecoder(framing)
        var inbound = ByteStream.Inbound()
        var body = ""
        for piece in pieces + [""] {
            if piece.isEmpty { inbound.isEnded = true }
            inbound.bytes.writeString(piece)
            while case .data(let data) = try decoder.step(&inbound).map({ part, next in
                decoder = next
                return part
            }) { body += String(buffer: data) }
        }
        return (body, String(buffer: inbound.bytes), decoder.isEnded)
    }

    @Test(arguments: 0..<200)
    func chunksMayArriveInAnyPieces(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        var pieces: [String] = []
        var rest = Self.text[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...8, using: &random))
            pieces.append(String(piece))
            rest = rest.dropFirst(piece.count)
        }
        let (body, left, isEnded) = try self.decode(.chunked, pieces)
        #expect(body == "hello0123456789")
        #expect(left == "rest")
        #expect(isEnded)
    }

    @Test func aLengthIsTakenExactly() throws {
        #expect(try self.decode(.length(5), ["he", "llo, and more"]) == ("hello", ", and more", true))
        #expect(try self.decode(.length(0), ["more"]) == ("", "more", true))
    }

    @Test func withoutALengthTheConnectionsEndIsTheBodys() throws {
        #expect(try self.decode(.untilClose, ["one", "two"]) == ("onetwo", "", true))
    }

    @Test func aBodyThatIsCutOffHasNoEnd() throws {
        for (framing, text) in [(BodyFraming.length(9), "hello"), (.chunked, "5\r\nhello\r\n")] {
            let (body, _, isEnded) = try self.decode(framing, [text])
            #expect(body == "hello")
            #expect(!isEnded)
        }
    }

    @Test(arguments: ["x\r\n", "-1\r\n", "\r\n", "2\r\nhello\r\n"])
    func chunksThatAreNoneAreFailures(text: String) {
        #expect(throws: GRIPConformanceFailure.self) { try self.decode(.chunked, [text]) }
    }
}
