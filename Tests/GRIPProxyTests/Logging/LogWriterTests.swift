import Foundation
import GRIPProxy
import Logging
import Testing

@Suite("Lines that a thread of its own writes", .timeLimit(.minutes(5)))
struct LogWriterTests {
    @Test("Lines come in their order")
    func order() throws {
        let pipe = Pipe()
        let writer = LogWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        for number in 0..<1000 { writer.write("line \(number)") }
        #expect(writer.finish(within: .seconds(60)))
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(text == (0..<1000).map { "line \($0)\n" }.joined())
        #expect(writer.droppedCount == 0)
    }

    @Test("Nobody waits for a reader that does not read; what is dropped is counted and told")
    func unreadPipe() async throws {
        let pipe = Pipe()
        let writer = LogWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, capacity: 100_000)
        let line = String(repeating: "x", count: 15_000)
        // Far more than a pipe and the queue hold together.
        for _ in 0..<200 { writer.write(line) }
        #expect(writer.droppedCount > 100)
        #expect(!writer.finish(within: .milliseconds(10)))
        let dropped = writer.droppedCount
        // A task that reads could wait for the thread on which this test waits for the reader.
        let (texts, continuation) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            continuation.yield(String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
            continuation.finish()
        }
        #expect(writer.finish(within: .seconds(60)))
        try pipe.fileHandleForWriting.close()
        let text = try #require(await texts.first { _ in true })
        let lines = text.split(separator: "\n")
        #expect(lines.count { $0 == line } == 200 - dropped)
        // What is dropped before the first write is told at once, the rest later.
        let told = lines.compactMap {
            $0.firstMatch(of: /^(\d+) lines? (was|were) dropped, because nobody read the log in time$/)
        }
        #expect(told.reduce(0) { $0 + (Int($1.1) ?? 0) } == dropped)
        #expect(!told.isEmpty)
    }

    @Test("Events look as those of swift-log's own handler, and stay on one line")
    func handler() throws {
        let pipe = Pipe()
        let writer = LogWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let logger = Logger(label: "grip.proxy", factory: { WriterLogHandler(label: $0, writer: writer) })
        logger.info("two\nlines", metadata: ["b": "2", "a": "1"])
        logger.debug("too detailed")
        #expect(writer.finish(within: .seconds(60)))
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(
            text.contains(#/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S+ info grip\.proxy: a=1 b=2 \[\S+\] two\\u\{a\}lines\n$/#)
        )
    }
}
