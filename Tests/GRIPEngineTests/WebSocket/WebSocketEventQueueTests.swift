import GRIP
import NIOCore
import Testing

@testable import GRIPEngine

@Suite("Events that wait for an origin")
struct WebSocketEventQueueTests {
    @Test("Many small ones do not keep all that was read with them")
    func memory() {
        var queue = WebSocketEventQueue()
        for _ in 0..<1000 {
            // Each comes in a read of its own.
            var read = ByteBuffer(repeating: 0x61, count: 65_536)
            queue.append(.text(read.readSlice(length: 10) ?? read))
        }
        #expect(queue.size == 1000 * (10 + WebSocketEventQueue.eventOverhead))
        let memory = queue.events.reduce(0) {
            if case .text(let content) = $1 { $0 + content.storageCapacity } else { $0 }
        }
        #expect(memory < 1_000_000)
        queue.offer(onlyOne: false)
        #expect(queue.offeredBody.readableBytes == 1000 * "TEXT a\r\naaaaaaaaaa\r\n".utf8.count)
    }
}
