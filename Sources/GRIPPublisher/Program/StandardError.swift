#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where people read what went wrong, apart from what programs read.
package enum StandardError {
    /// Writes a line.
    package static func write(_ line: String) {
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { platformWrite(STDERR_FILENO, $0.baseAddress, $0.count) }
            // Nobody can be told that nobody can be told.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

private let platformWrite = write
