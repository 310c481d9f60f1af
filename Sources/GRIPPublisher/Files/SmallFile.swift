import GRIP

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Files that people write: small ones, read whole.
package enum SmallFile {
    /// A larger file is refused: it is not what was meant, or it has no end.
    package static let limit = 1_048_576

    /// A file that cannot be read; its description goes on after "the file".
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        package let path: String
        package let reason: String

        package init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }

        package var description: String { "'\(self.path)', which cannot be read: \(self.reason)" }
    }

    /// When a file was changed, and how.
    package struct Stamp: Sendable, Hashable {
        /// Seconds and nanoseconds since 1970.
        package var modified: [Int]
        package var size: Int
        /// Tells the file from another one that was moved to its place.
        package var identity: UInt64

        package init(modified: [Int], size: Int, identity: UInt64) {
            self.modified = modified
            self.size = size
            self.identity = identity
        }
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - limit: The most bytes that it may have.
    /// - Throws: `Failure`.
    /// - Returns: Its bytes.
    package static func bytes(_ path: String, limit: Int = SmallFile.limit) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        return try Self.bytes(of: descriptor, path, limit: limit)
    }

    /// Reads what comes from standard input, up to its end.
    ///
    /// - Parameter limit: The most bytes that may come.
    /// - Throws: `Failure`.
    /// - Returns: The bytes.
    package static func standardInput(limit: Int) throws(Failure) -> [UInt8] {
        try Self.bytes(of: STDIN_FILENO, "standard input", limit: limit)
    }

    /// Reads a file of text.
    ///
    /// - Parameter path: Where it is.
    /// - Throws: `Failure`, also when the file is not UTF-8.
    /// - Returns: Its text without a byte-order mark.
    package static func text(_ path: String) throws(Failure) -> String {
        let bytes = try Self.bytes(path)
        guard let text = String(validating: ByteOrderMark.skipped(bytes), as: UTF8.self) else {
            let isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
            throw Failure(path: path, reason: isUTF16 ? "it is UTF-16; save it as UTF-8" : "it is not UTF-8 text")
        }
        return text
    }

    /// The state of a file, or nothing when there is none.
    ///
    /// - Parameter path: Where it is.
    package static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        #else
        let modified = status.st_mtim
        #endif
        return Stamp(
            modified: [Int(modified.tv_sec), Int(modified.tv_nsec)],
            size: Int(status.st_size),
            identity: UInt64(status.st_ino)
        )
    }

    private static func bytes(of descriptor: Int32, _ path: String, limit: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(path) }
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= limit else { throw Failure(path: path, reason: "it is larger than \(limit) bytes") }
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(path: path, reason: String(systemError: errno))
    }
}
