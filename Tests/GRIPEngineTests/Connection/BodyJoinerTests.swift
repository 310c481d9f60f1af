import GRIP
import GRIPEngine
import NIOCore
import Testing

@Suite("Pieces of bodies that came at once")
struct BodyJoinerTests {
    @Test("Small ones are one piece, and what they came from stays as it was")
    func small() {
        var joiner = BodyJoiner()
        let read = ByteBuffer(string: "abcdef")
        for index in 0..<6 {
            let first = joiner.add(read.getSlice(at: index, length: 1) ?? ByteBuffer())
            #expect(first == nil)
            let nothing = joiner.add(ByteBuffer())
            #expect(nothing == nil)
        }
        let joined = joiner.take()
        #expect(joined == ByteBuffer(string: "abcdef"))
        #expect(joiner.isEmpty)
        #expect(read == ByteBuffer(string: "abcdef"))
    }

    @Test("Large ones pass as they are, and there is never much", arguments: 0..<4 as Range<UInt64>)
    func walk(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var joiner = BodyJoiner()
        var sent: [UInt8] = []
        var passed: [UInt8] = []
        for _ in 0..<500 {
            let count = Int.random(in: 0...(Bool.random(using: &random) ? 10 : 20_000), using: &random)
            let piece = (0..<count).map { UInt8(truncatingIfNeeded: sent.count + $0) }
            sent += piece
            if let first = joiner.add(ByteBuffer(bytes: piece)) {
                #expect(first.readableBytes <= BodyJoiner.maximumByteCount)
                passed += first.readableBytesView
            }
            if Int.random(in: 0..<10, using: &random) == 0, let rest = joiner.take() {
                passed += rest.readableBytesView
            }
        }
        if let rest = joiner.take() { passed += rest.readableBytesView }
        #expect(passed == sent)
    }
}
