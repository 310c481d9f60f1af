import GRIP
import NIOCore
import Testing

@testable import GRIPEngine

@Suite("The body of a request that is remembered")
struct RequestBodyBufferTests {
    @Test("99,000 pieces of one byte take the memory of 99,000 bytes", arguments: [false, true])
    func memory(isSent: Bool) throws {
        var buffer = RequestBodyBuffer()
        // Each piece is a part of something larger, as what is read at once is.
        let read = ByteBuffer(repeating: 0x61, count: 65_536)
        for _ in 0..<99_000 {
            let piece = try #require(read.getSlice(at: 0, length: 1))
            buffer.append(piece, limit: 100_000)
            if isSent { #expect(buffer.takeUnsent() == piece) }
        }
        buffer.end(nil)
        let remembered = try #require(buffer.remembered)
        #expect(remembered == [ByteBuffer(repeating: 0x61, count: 99_000)])
        #expect(remembered.reduce(0) { $0 + $1.storageCapacity } <= 131_072)
    }

    @Test("Everything is sent once, in order, and again after another beginning", arguments: 0..<200 as Range<UInt64>)
    func walk(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var buffer = RequestBodyBuffer()
        var body: [UInt8] = []
        var sent: [UInt8] = []
        var wasTaken = false
        for step in 0..<Int.random(in: 1...40, using: &random) {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let piece = [UInt8](repeating: UInt8(step), count: Int.random(in: 0...20, using: &random))
                buffer.append(ByteBuffer(bytes: piece), limit: 200)
                body += piece
            case 2:
                if let bytes = buffer.takeUnsent() { sent += Array(bytes.readableBytesView) }
                wasTaken = true
                #expect(buffer.unsentByteCount == 0)
            default:
                // What is forgotten was sent; then there is no other target.
                guard buffer.isRemembered || !wasTaken else { continue }
                buffer.rewind()
                if buffer.isRemembered { sent = [] }
            }
            #expect(buffer.unsentByteCount == body.count - sent.count)
            #expect(buffer.isRemembered == (body.count <= 200))
        }
        if let bytes = buffer.takeUnsent() { sent += Array(bytes.readableBytesView) }
        #expect(sent == body)
        buffer.end(nil)
        let remembered = buffer.remembered?.flatMap { Array($0.readableBytesView) }
        #expect(remembered == (body.count <= 200 ? body : nil))
    }
}
