import Logging
import Synchronization

/// What is logged during a test.
final class CapturedLog: Sendable {
    struct Entry: Sendable {
        var level: Logger.Level
        var message: String
        var metadata: [String: String]

        /// All that the entry says.
        var text: String {
            let details = self.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return "\(self.level) \(self.message) \(details.joined(separator: " "))"
        }
    }

    private let state = Mutex<[Entry]>([])
    private let level: Logger.Level
    /// Each entry as it comes, for tests that wait for one.
    let stream: AsyncStream<Entry>
    private let continuation: AsyncStream<Entry>.Continuation

    init(level: Logger.Level = .trace) {
        self.level = level
        (self.stream, self.continuation) = AsyncStream.makeStream()
    }

    var logger: Logger {
        var logger = Logger(label: "test", factory: { _ in Handler(log: self) })
        logger.logLevel = self.level
        return logger
    }

    var entries: [Entry] { self.state.withLock { $0 } }

    /// All that was logged.
    var text: String { self.entries.map(\.text).joined(separator: "\n") }

    /// Waits for an entry whose message holds a text.
    func entry(with text: String) async -> Entry? {
        for await entry in self.stream where entry.message.contains(text) { return entry }
        return nil
    }

    fileprivate func add(_ entry: Entry) {
        self.state.withLock { $0.append(entry) }
        self.continuation.yield(entry)
    }
}

private struct Handler: LogHandler {
    let log: CapturedLog
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(\.description)
        self.log.add(.init(level: event.level, message: "\(event.message)", metadata: metadata))
    }
}
