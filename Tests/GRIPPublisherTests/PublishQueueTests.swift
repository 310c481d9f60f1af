import GRIPPublisher
import NIOCore
import Testing

struct PublishQueueTests {
    /// A queue of publications that are single letters.
    private struct Letters {
        var queue: PublishQueue

        init(items: Int = 100, bytes: Int = 1000, batch: Int = 4, overflow: GRIPOverflowPolicy = .dropNewest) {
            self.queue = PublishQueue(
                limits: .init(maximumItems: items, maximumBytes: bytes, overflow: overflow),
                batchLimits: .init(maximumItems: batch, maximumBytes: 1000)
            )
        }

        mutating func enqueue(_ text: String) -> PublishQueue.Admission {
            self.queue.enqueue(text.map { ByteBuffer(string: "\($0)") })
        }

        /// What is to be sent, or `-` to wait and `.` for the end.
        mutating func next() -> String {
            switch self.queue.next() {
            case .send(let batch): batch.objects.map { String(buffer: $0) }.joined()
            case .wait: "-"
            case .finished: "."
            }
        }
    }

    @Test func `what waits is sent in batches in order`() {
        var letters = Letters()
        #expect(letters.next() == "-")
        #expect(letters.enqueue("abc") == .init())
        #expect(letters.enqueue("def") == .init())
        #expect(letters.next() == "abcd")
        #expect(letters.enqueue("g") == .init())
        #expect(letters.queue.ended(.delivered) == .init())
        #expect(letters.next() == "efg")
        #expect(letters.queue.ended(.delivered) == .init())
        #expect(letters.next() == "-")
        #expect(letters.queue.count == 0)
        #expect(letters.queue.bytes == 0)
    }

    @Test func `a failed batch is lost and the next one goes on`() {
        var letters = Letters(batch: 2)
        _ = letters.enqueue("abc")
        #expect(letters.next() == "ab")
        #expect(letters.queue.ended(.failed) == .init(lost: 2))
        #expect(letters.next() == "c")
    }

    @Test func `a refused batch is halved until the bad one stands alone`() {
        var letters = Letters(batch: 4)
        _ = letters.enqueue("abXde")
        var transcript: [String] = []
        while true {
            let sent = letters.next()
            guard sent != "-" else { break }
            transcript.append(sent)
            let settlement = letters.queue.ended(sent.contains("X") ? .refusedContent : .delivered)
            #expect(settlement == .init(lost: sent == "X" ? 1 : 0, isSplit: sent.contains("X") && sent != "X"))
        }
        #expect(transcript == ["abXd", "ab", "Xd", "X", "d", "e"])
        #expect(letters.queue.bytes == 0)
    }

    @Test func `the newest is refused as a whole`() {
        var letters = Letters(items: 3)
        _ = letters.enqueue("ab")
        #expect(letters.enqueue("cd") == .init(refusal: .full, beginsOverflow: true))
        #expect(letters.enqueue("c") == .init())
        #expect(letters.enqueue("d") == .init(refusal: .full))
        #expect(letters.next() == "abc")
        // Three refused in one overflow, which is over when half is free.
        #expect(letters.queue.ended(.delivered) == .init(overflowLoss: 3))
        #expect(letters.enqueue("defg") == .init(refusal: .full, beginsOverflow: true))
    }

    @Test func `the oldest gives way but not what is being sent`() {
        var letters = Letters(items: 5, batch: 2, overflow: .dropOldest)
        _ = letters.enqueue("abcde")
        #expect(letters.next() == "ab")
        #expect(letters.enqueue("fg") == .init(dropped: 2, beginsOverflow: true))
        #expect(letters.enqueue("hijk") == .init(refusal: .full))
        #expect(letters.queue.ended(.refusedContent) == .init(isSplit: true))
        #expect(letters.enqueue("h") == .init(dropped: 1))
        #expect(letters.next() == "a")
        #expect(letters.queue.ended(.delivered) == .init())
        #expect(letters.next() == "b")
        #expect(letters.queue.ended(.delivered) == .init())
        #expect(letters.next() == "fg")
        #expect(letters.queue.ended(.delivered) == .init(overflowLoss: 7))
        #expect(letters.next() == "h")
    }

    @Test func `bytes are limited as well`() {
        var letters = Letters(bytes: 10)
        #expect(letters.queue.enqueue([ByteBuffer(repeating: 0, count: 8)]) == .init())
        #expect(letters.queue.enqueue([ByteBuffer(repeating: 0, count: 3)]).refusal == .full)
        #expect(letters.queue.enqueue([ByteBuffer(repeating: 0, count: 2)]) == .init())
    }

    @Test func `a closed queue is emptied and takes nothing`() {
        var letters = Letters()
        _ = letters.enqueue("a")
        letters.queue.close()
        #expect(letters.enqueue("b") == .init(refusal: .closed))
        #expect(letters.next() == "a")
        #expect(letters.queue.ended(.delivered) == .init())
        #expect(letters.next() == ".")
    }

    @Test func `giving up counts all that waits`() {
        var letters = Letters(batch: 2)
        _ = letters.enqueue("abc")
        _ = letters.next()
        #expect(letters.queue.abandon() == 3)
        #expect(letters.queue.abandon() == 0)
        #expect(letters.enqueue("d") == .init(refusal: .closed))
        #expect(letters.next() == ".")
    }
}
