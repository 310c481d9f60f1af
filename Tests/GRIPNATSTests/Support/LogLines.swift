import InMemoryLogging
import Logging

/// What a connection has logged.
struct LogLines: Sendable {
    private let handler = InMemoryLogHandler()

    var logger: Logger { Logger(label: "test") { _ in self.handler } }

    func texts(_ level: Logger.Level) -> [String] {
        self.handler.entries.filter { $0.level == level }.map { entry in
            let metadata = entry.metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            return "\(entry.message)" + metadata.joined()
        }
    }
}
