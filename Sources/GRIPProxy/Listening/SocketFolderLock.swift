import GRIPPublisher

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Lets one process at a time put sockets into a folder or remove them.
///
/// Two that start at the same time would otherwise both find a socket that nobody listens on, and each would remove what
/// the other has put in its place.
enum SocketFolderLock {
    /// How often it is tried; there are 10 ms between two times.
    private static let attempts = 500

    /// Does something while no other process does the same in a folder.
    ///
    /// - Parameters:
    ///   - path: The path of the socket.
    ///   - body: What to do.
    /// - Throws: ``SocketFile/Refusal/busy`` when another process has the lock for seconds, and what the body throws.
    static func whileHolding<Result>(folderOf path: String, _ body: () throws -> Result) throws -> Result {
        let folder = open(FileLocation.folder(of: path) ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A folder that cannot be read can be one to write to; what is wrong with it shows when it is used.
        guard folder >= 0 else { return try body() }
        // Closing it unlocks it.
        defer { close(folder) }
        var attempt = 0
        while flock(folder, LOCK_EX | LOCK_NB) != 0 {
            // Some file systems have no locks.
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            attempt += 1
            guard attempt < Self.attempts else { throw SocketFile.Refusal.busy }
            usleep(10_000)
        }
        return try body()
    }
}
