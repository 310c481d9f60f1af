import Foundation
import Synchronization

/// The last of what a program wrote, kept to explain a failure.
final class CapturedOutput: Sendable {
    private static let limit = 64 * 1024
    private let bytes = Mutex(Data())
    private let additions = Mailbox<Void>()

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Reads the pipe until its end; whoever writes to it must never be held up by a full pipe.
    func collect(from pipe: Pipe) {
        // Keeps the pipe until then.
        pipe.fileHandleForReading.readabilityHandler = { _ in
            let data = pipe.fileHandleForReading.availableData
            if data.isEmpty {
                pipe.fileHandleForReading.readabilityHandler = nil
                self.additions.finish()
            } else {
                self.append(data)
            }
        }
    }

    /// Whether the text is written before the output ends; throws ``TimedOut`` if neither happens within `limit`.
    func waitForText(containing wanted: String, within limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while !text.contains(wanted) {
            guard try await additions.next(within: deadline - .now) != nil else { return text.contains(wanted) }
        }
        return true
    }

    /// Waits for what an ended program wrote last, which may be read only after its end is known.
    func waitForEnd() async throws {
        let deadline = ContinuousClock.now + .seconds(1)
        do {
            while try await additions.next(within: deadline - .now) != nil {}
        } catch is TimedOut {
            // Something the program started still holds its output open; what came so far has to do.
        }
    }

    private func append(_ data: Data) {
        bytes.withLock { bytes in
            bytes.append(data)
            if bytes.count > CapturedOutput.limit { bytes = Data(bytes.suffix(CapturedOutput.limit / 2)) }
        }
        additions.put(())
    }
}
