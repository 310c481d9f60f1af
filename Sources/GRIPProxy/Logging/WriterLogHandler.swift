import GRIP
import GRIPEngine
package import Logging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Logs by a ``LogWriter``, one line an event, in the form of `StreamLogHandler`.
package struct WriterLogHandler: LogHandler {
    /// How many bytes of a message a line holds.
    private static let maximumMessage = 8192

    package var logLevel = Logger.Level.info
    package var metadata: Logger.Metadata = [:]
    private let label: String
    private let writer: LogWriter

    package init(label: String, writer: LogWriter) {
        self.label = label
        self.writer = writer
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let metadata = event.metadata.map { self.metadata.merging($0) { $1 } } ?? self.metadata
        let details = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let message = LogText.cut(event.message.description, to: Self.maximumMessage)
        self.writer.write(
            "\(Self.timestamp) \(event.level) \(self.label):\(LogText.cut(details, to: Self.maximumMessage)) "
                + "[\(event.source)] \(message)"
        )
    }

    private static var timestamp: String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let base = buffer.baseAddress, strftime(base, buffer.count, "%Y-%m-%dT%H:%M:%S%z", &parts) > 0 else {
                return ""
            }
            return String(cString: base)
        }
    }
}
