import GRIPNATS
import NIOCore
import Testing

@Suite("What a session says")
struct NATSControlWritesTests {
    @Test func operationsGoOutTogether() {
        var writes = NATSControlWrites()
        #expect(writes.take() == nil)
        writes.add(.pong)
        writes.add(.ping)
        #expect(writes.take() == ByteBuffer(string: "PONG\r\nPING\r\n"))
        #expect(writes.take() == nil)
    }

    /// What is on its way is limited, however many operations it comes in.
    @Test(arguments: [1, 100, 20_000])
    func whatIsNotReadIsBounded(operationCount: Int) {
        var writes = NATSControlWrites()
        var byteCounts: [Int] = []
        while !writes.isStalled {
            for _ in 0..<operationCount { writes.add(.pong) }
            byteCounts.append(writes.take()?.readableBytes ?? 0)
        }
        #expect(byteCounts.reduce(0, +) > NATSControlWrites.maximumByteCount)
        #expect(byteCounts.dropLast().reduce(0, +) <= NATSControlWrites.maximumByteCount)
        for byteCount in byteCounts { writes.written(byteCount) }
        #expect(!writes.isStalled)
    }
}
