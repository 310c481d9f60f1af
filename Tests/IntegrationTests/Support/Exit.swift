import Synchronization

/// How a process ended, once it has.
final class Exit: Sendable {
    private let recorded = Mutex<Int32?>(nil)
    private let ended = Mailbox<Never>()

    var status: Int32? { recorded.withLock { $0 } }

    func record(_ status: Int32) {
        recorded.withLock { $0 = status }
        ended.finish()
    }

    func wait(within limit: Duration) async throws -> Int32 {
        _ = try await ended.next(within: limit)
        guard let status else { throw TimedOut("the process has not ended") }
        return status
    }
}
