import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Writes lines to a file, a pipe or a terminal, on a thread of its own.
///
/// Writing a line never waits: an event loop that waited for a reader of standard error would stop the whole proxy.
/// What does not fit into the queue is dropped and counted, and the next line that is written tells of it.
package final class LogWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isWriting = false
        var droppedCount = 0
        /// Those that no line has told of.
        var untoldCount = 0
    }

    /// How many bytes may wait.
    private let capacity: Int
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "grip.log")
    private let state = Mutex(State())

    /// Makes a writer.
    ///
    /// - Parameters:
    ///   - descriptor: Where to write. It stays open.
    ///   - capacity: How many bytes may wait.
    package init(descriptor: Int32, capacity: Int = 1_000_000) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    /// How many lines were dropped.
    package var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Writes a line soon, or drops it.
    ///
    /// - Parameter line: The line without its end.
    package func write(_ line: String) {
        let mustBegin = self.state.withLock { state in
            guard state.waiting.count + line.utf8.count + 1 <= self.capacity else {
                state.droppedCount += 1
                state.untoldCount += 1
                return false
            }
            state.waiting.append(contentsOf: line.utf8)
            state.waiting.append(UInt8(ascii: "\n"))
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustBegin { self.queue.async { self.drain() } }
    }

    /// Waits until everything is written, but not longer than a time.
    ///
    /// - Returns: Whether everything was written.
    @discardableResult
    package func finish(within limit: Duration) -> Bool {
        let isDone = DispatchSemaphore(value: 0)
        self.queue.async { isDone.signal() }
        return isDone.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1)))) == .success
    }

    private func drain() {
        while let bytes = self.next() { self.write(bytes[...]) }
    }

    private func next() -> [UInt8]? {
        self.state.withLock { state in
            var bytes: [UInt8] = []
            swap(&bytes, &state.waiting)
            if state.untoldCount > 0 {
                let lines = state.untoldCount == 1 ? "1 line was" : "\(state.untoldCount) lines were"
                bytes += Array("\(lines) dropped, because nobody read the log in time\n".utf8)
                state.untoldCount = 0
            }
            guard bytes.isEmpty else { return bytes }
            state.isWriting = false
            return nil
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(self.descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN || errno == EINTR {
                self.waitForRoom()
            } else {
                // The other end is gone. What is left is counted by its lines.
                let lines = rest.count { $0 == UInt8(ascii: "\n") }
                return self.state.withLock { $0.droppedCount += lines }
            }
        }
    }

    /// Waits for a descriptor that does not wait itself.
    private func waitForRoom() {
        var entry = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, 1000)
    }
}

private let systemWrite = write
