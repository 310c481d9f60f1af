import GRIP
import GRIPNATS
import NIOCore
import Testing

@Suite("What waits to be sent")
struct NATSOutboxTests {
    private typealias Subscriptions = [(UInt64, GRIPNATSSubjectPattern)]

    private func info(_ maximumPayload: Int = 1000, headers: Bool = true) -> NATSServerInfo {
        var info = NATSServerInfo()
        info.maximumPayload = maximumPayload
        info.supportsHeaders = headers
        return info
    }

    private func message(_ text: String = "x") -> NATSOutbox.Message { .init("a", ByteBuffer(string: text)) }

    private func connected(_ limits: NATSOutbox.Limits = .init(bytes: 200)) -> NATSOutbox {
        var outbox = NATSOutbox(limits: limits)
        outbox.connected(self.info(), subscriptions: Subscriptions())
        return outbox
    }

    private func publish(_ messages: [NATSOutbox.Message], _ outbox: inout NATSOutbox) -> NATSOutbox.Refusal? {
        var messages = messages
        return outbox.publish(&messages)
    }

    private func text(_ batch: NATSOutbox.Batch?) -> String {
        batch?.parts.map { String(buffer: $0) }.joined() ?? "nothing"
    }

    @Test func operationsGoOutTogetherAndInOrder() {
        var outbox = self.connected()
        #expect(outbox.take() == nil)
        #expect(outbox.publish(self.message()) == nil)
        outbox.send(.subscribe(4, "b"))
        #expect(self.publish([self.message("y"), self.message("z")], &outbox) == nil)
        outbox.send(.unsubscribe(4))
        let batch = outbox.take()
        #expect(self.text(batch) == "PUB a 1\r\nx\r\nSUB b 4\r\nPUB a 1\r\ny\r\nPUB a 1\r\nz\r\nUNSUB 4\r\n")
        #expect(batch?.parts.count == 1 && batch?.size.messageCount == 3)
        #expect(outbox.take() == nil)
    }

    @Test func withoutAConnectionMessagesAreRefused() {
        var outbox = NATSOutbox()
        #expect(outbox.publish(self.message()) == .disconnected)
        #expect(self.publish([self.message()], &outbox) == .disconnected)
        outbox.send(.subscribe(1, "a"))
        outbox.connected(self.info(), subscriptions: [(1, "a"), (2, "b.*")])
        #expect(self.text(outbox.take()) == "SUB a 1\r\nSUB b.* 2\r\n")
        #expect(outbox.publish(self.message()) == nil)
        outbox.disconnected()
        #expect(outbox.lostMessages == 1)
        #expect(outbox.publish(self.message()) == .disconnected)
        #expect(outbox.take() == nil)
        outbox.closed()
        #expect(outbox.publish(self.message()) == .closed)
    }

    @Test func whatWaitsIsBoundedUntilItIsWritten() {
        var outbox = self.connected(.init(bytes: 100))
        var count = 0
        while outbox.publish(self.message()) == nil { count += 1 }
        #expect((3...10).contains(count))
        #expect(outbox.publish(self.message()) == .full)
        let batch = outbox.take()
        #expect(outbox.byteCount == batch?.size.byteCount)
        #expect(outbox.publish(self.message(String(repeating: "x", count: 60))) == .full)
        if let batch { outbox.written(batch.size) }
        #expect(outbox.byteCount == 0)
        #expect(outbox.publish(self.message()) == nil)
        // Subscriptions are always taken.
        for id in 0..<100 as Range<UInt64> { outbox.send(.subscribe(id, "abc")) }
        #expect(outbox.publish(self.message()) == .full)
        #expect(!outbox.isStalled)
    }

    @Test func oneLargeMessageGetsThroughAlone() {
        var outbox = self.connected(.init(bytes: 100))
        #expect(outbox.publish(self.message(String(repeating: "x", count: 500))) == nil)
        #expect(outbox.publish(self.message()) == .full)
    }

    @Test func messagesAreTakenAllOrNone() {
        var outbox = self.connected(.init(bytes: 1000))
        let large = self.message(String(repeating: "x", count: 1001))
        #expect(self.publish([self.message(), large], &outbox) == .tooLarge(maximum: 1000))
        #expect(outbox.publish(large) == .tooLarge(maximum: 1000))
        #expect(outbox.publish(self.message()) == nil)
        #expect(self.publish(Array(repeating: self.message(), count: 100), &outbox) == .full)
        #expect(outbox.take()?.size.messageCount == 1)
    }

    @Test func theServerSaysWhatItTakes() throws {
        var headers = GRIPNATSHeaders()
        try headers.append("a", "b")
        var outbox = self.connected()
        let message = NATSOutbox.Message("a", headers: headers.block, ByteBuffer(repeating: 0, count: 10))
        outbox.infoChanged(self.info(27))
        #expect(outbox.publish(message) == .tooLarge(maximum: 27))
        outbox.infoChanged(self.info(28))
        #expect(outbox.publish(message) == nil)
        outbox.infoChanged(self.info(headers: false))
        #expect(outbox.publish(message) == .noHeaders)
    }

    @Test func whatIsKeptForAConnection() {
        var outbox = NATSOutbox(limits: .init(bytes: 1000, disconnected: 150))
        var count = 0
        while outbox.publish(self.message("\(count)")) == nil { count += 1 }
        #expect((2...6).contains(count))
        #expect(outbox.publish(self.message()) == .full)
        outbox.connected(self.info(), subscriptions: [(1, "s")])
        let expected = (0..<count).map { "PUB a 1\r\n\($0)\r\n" }.joined()
        #expect(self.text(outbox.take()) == "SUB s 1\r\n" + expected)
        outbox.disconnected()
        #expect(outbox.publish(self.message("12345")) == nil)
        outbox.connected(self.info(4), subscriptions: Subscriptions())
        #expect(outbox.take() == nil)
        #expect(outbox.lostMessages == 1)
    }

    @Test func whatIsOnlyForNowDoesNotWait() {
        var outbox = NATSOutbox(limits: .init(bytes: 1000, disconnected: 150))
        var messages = [self.message()]
        #expect(outbox.publish(&messages, mayWait: false) == .disconnected)
        outbox.connected(self.info(), subscriptions: Subscriptions())
        #expect(outbox.take() == nil)
        #expect(outbox.publish(&messages, mayWait: false) == nil)
        #expect(self.text(outbox.take()) == "PUB a 1\r\nx\r\n")
    }

    @Test func messagesAreFinishedWhenAllAreTaken() {
        var outbox = self.connected(.init(bytes: 1000))
        var messages = [self.message(), self.message(String(repeating: "x", count: 1001))]
        #expect(outbox.publish(&messages) { _, _ in Issue.record("they are not taken") } == .tooLarge(maximum: 1000))
        messages[1] = self.message()
        #expect(outbox.publish(&messages) { $1.payload.setString("\($0)", at: 0) } == nil)
        #expect(self.text(outbox.take()) == "PUB a 1\r\n0\r\nPUB a 1\r\n1\r\n")
    }

    @Test func whatCannotBeWrittenIsLost() throws {
        var outbox = self.connected()
        for _ in 0..<3 { #expect(outbox.publish(self.message()) == nil) }
        let taken = outbox.take()
        let batch = try #require(taken)
        outbox.disconnected()
        #expect(outbox.lostMessages == 0)
        outbox.lost(batch.size)
        #expect(outbox.lostMessages == 3 && outbox.byteCount == 0)
    }

    @Test func largePayloadsAreNotCopied() {
        var outbox = self.connected(.init(bytes: 1_000_000))
        outbox.infoChanged(self.info(100_000))
        let payload = ByteBuffer(repeating: 0x61, count: NATSOutbox.copyLimit)
        let address = payload.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        #expect(outbox.publish(self.message()) == nil)
        #expect(outbox.publish(.init("b", payload)) == nil)
        #expect(outbox.publish(self.message()) == nil)
        let batch = outbox.take()
        #expect(batch?.parts.count == 3)
        #expect(batch?.parts[1].withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } == address)
        let text = "PUB a 1\r\nx\r\nPUB b 16384\r\n" + String(buffer: payload) + "\r\nPUB a 1\r\nx\r\n"
        #expect(self.text(batch) == text)
        #expect(batch?.size.byteCount == text.utf8.count)
    }

    /// Everything is counted: what is taken is written, kept or lost.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func randomWalk(seed: UInt64) {
        let position = WalkPosition(seed: seed)
        var random = SplitMix64(seed: seed)
        let limits = NATSOutbox.Limits(bytes: 500, disconnected: seed % 2 == 0 ? 0 : 300)
        var outbox = NATSOutbox(limits: limits)
        var taken = 0
        var sent = 0
        var failed = 0
        var inFlight: [NATSOutbox.BatchSize] = []
        for step in 0..<500 {
            position.step = step
            switch Int.random(in: 0..<12, using: &random) {
            case 0: outbox.connected(self.info(60), subscriptions: [(1, "a")])
            case 1: outbox.disconnected()
            case 2...4:
                guard let batch = outbox.take() else { break }
                position.check(outbox.isConnected, "something to be written without a connection")
                position.check(
                    batch.size.byteCount == batch.parts.reduce(0) { $0 + $1.readableBytes },
                    "the wrong size"
                )
                sent += batch.size.messageCount
                inFlight.append(batch.size)
            case 5:
                if !inFlight.isEmpty { outbox.written(inFlight.removeFirst()) }
            case 6:
                guard !inFlight.isEmpty else { break }
                let size = inFlight.removeFirst()
                outbox.lost(size)
                failed += size.messageCount
            default:
                var messages = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                    self.message(String(repeating: "x", count: Int.random(in: 0...70, using: &random)))
                }
                let before = outbox.byteCount
                if outbox.publish(&messages) == nil {
                    taken += messages.count
                    let isRoom = before == 0 || outbox.byteCount <= limits.bytes
                    position.check(isRoom || !outbox.isConnected, "more than there is room for")
                    position.check(outbox.isConnected || limits.disconnected > 0, "taken without a connection")
                } else {
                    position.check(outbox.byteCount == before, "refused and taken")
                }
            }
            position.check(
                outbox.byteCount >= inFlight.reduce(0) { $0 + $1.byteCount },
                "less waits than is on its way"
            )
        }
        outbox.closed()
        position.check(
            taken == sent - failed + outbox.lostMessages,
            "\(taken) taken, \(sent) sent, \(failed) of them in vain, \(outbox.lostMessages) lost"
        )
    }
}
