import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The file of a Unix domain socket that this process listens on.
///
/// A path belongs to the process that listens on it. A socket that nobody listens on any more is replaced; the one of a
/// process that is alive is left alone, and so is, at the end, a file that somebody else has put in the place of ours.
struct SocketFile: Sendable {
    /// Tells a file from another one at the same path.
    private struct Identity: Sendable, Hashable {
        let device: UInt64
        let number: UInt64

        init(_ status: stat) {
            self.device = UInt64(truncatingIfNeeded: status.st_dev)
            self.number = UInt64(status.st_ino)
        }
    }

    private let path: String
    private let identity: Identity

    /// Takes a path and listens on it.
    ///
    /// Blocks for as long as another process does the same in the same folder.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - permissions: What the file gets before anybody can connect.
    ///   - backlog: How many connections wait to be accepted.
    /// - Returns: The socket, which the caller closes, and its file.
    /// - Throws: `IOError` or ``Refusal``.
    static func listen(
        at path: String,
        _ permissions: GRIPSocketPermissions,
        backlog: CInt
    ) throws -> (socket: CInt, file: SocketFile) {
        let address = try SocketAddress(unixDomainSocketPath: path)
        return try SocketFolderLock.whileHolding(folderOf: path) {
            try Self.makeRoom(at: path, address)
            let descriptor = try Self.makeSocket()
            do {
                guard address.withSockAddr({ bind(descriptor, $0, socklen_t($1)) }) == 0 else {
                    throw IOError(errnoCode: errno, reason: "bind")
                }
                guard let identity = try Self.status(of: path).map(Identity.init) else {
                    throw Refusal.replaced
                }
                let file = SocketFile(path: path, identity: identity)
                do {
                    // As long as it does not listen, nobody connects.
                    try permissions.apply(to: path)
                    guard systemListen(descriptor, backlog) == 0 else {
                        throw IOError(errnoCode: errno, reason: "listen")
                    }
                } catch {
                    file.unlinkIfOwn()
                    throw error
                }
                return (descriptor, file)
            } catch {
                close(descriptor)
                throw error
            }
        }
    }

    /// Removes the file, unless it is another one by now.
    ///
    /// To be called before the socket is closed: until then no other file has its identity.
    func remove() {
        do {
            try SocketFolderLock.whileHolding(folderOf: self.path) { self.unlinkIfOwn() }
        } catch {
            // Another process holds the folder for too long. A socket that is left is replaced by the next start.
        }
    }

    private func unlinkIfOwn() {
        do {
            guard let status = try Self.status(of: self.path), Identity(status) == self.identity else { return }
            unlink(self.path)
        } catch {
            // What cannot be looked at cannot be removed.
        }
    }

    // MARK: What is there

    /// Whether a process listens on a socket.
    ///
    /// - Throws: `IOError` when that cannot be told; ``Refusal`` when the file is no socket.
    static func isLive(at path: String) throws -> Bool {
        guard let status = try Self.status(of: path) else { return false }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw Refusal.noSocket }
        return try Self.isLive(SocketAddress(unixDomainSocketPath: path))
    }

    private static func makeRoom(at path: String, _ address: SocketAddress) throws {
        guard let status = try Self.status(of: path) else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw Refusal.noSocket }
        guard try !Self.isLive(address) else { throw IOError(errnoCode: EADDRINUSE, reason: "bind") }
        guard unlink(path) == 0 || errno == ENOENT else { throw IOError(errnoCode: errno, reason: "unlink") }
    }

    private static func isLive(_ address: SocketAddress) throws -> Bool {
        let descriptor = try Self.makeSocket()
        defer { close(descriptor) }
        guard address.withSockAddr({ connect(descriptor, $0, socklen_t($1)) }) != 0 else { return true }
        switch errno {
        // Nobody listens, or the file has just gone.
        case ECONNREFUSED, ENOENT: return false
        // More wait to be accepted than there is room for, or it is a socket of another kind.
        case EAGAIN, EINPROGRESS, EPROTOTYPE: return true
        default: throw IOError(errnoCode: errno, reason: "connect")
        }
    }

    /// A socket that never blocks, so that one whose process hangs does not hold up this one.
    private static func makeSocket() throws -> CInt {
        #if canImport(Glibc)
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
            let number = errno
            close(descriptor)
            throw IOError(errnoCode: number, reason: "fcntl")
        }
        return descriptor
    }

    private static func status(of path: String) throws -> stat? {
        var status = stat()
        if lstat(path, &status) == 0 { return status }
        if errno == ENOENT { return nil }
        throw IOError(errnoCode: errno, reason: "lstat")
    }
}

extension SocketFile {
    /// A path that cannot be listened on for a reason that the system has no number for.
    enum Refusal: Error, CustomStringConvertible {
        case noSocket
        case replaced
        case busy
        case noUser(String)
        case noGroup(String)

        var description: String {
            switch self {
            case .noSocket: "there is a file that is no socket; give another path, or remove the file"
            case .replaced: "another program has removed the socket at once; give another path"
            case .busy: "another program holds a lock on the folder; end it, or give a path in another folder"
            case .noUser(let name): "there is no user '\(name)' on this machine"
            case .noGroup(let name): "there is no group '\(name)' on this machine"
            }
        }
    }
}

extension GRIPSocketPermissions {
    /// Gives a file these permissions.
    fileprivate func apply(to path: String) throws {
        // The owner first: a change of it may clear bits of the mode.
        if self.user != nil || self.group != nil {
            guard lchown(path, try self.userNumber(), try self.groupNumber()) == 0 else {
                throw IOError(errnoCode: errno, reason: "chown")
            }
        }
        if let mode = self.mode {
            guard chmod(path, mode_t(truncatingIfNeeded: mode)) == 0 else {
                throw IOError(errnoCode: errno, reason: "chmod")
            }
        }
    }

    private func userNumber() throws -> uid_t {
        guard let user = self.user else { return uid_t.max }
        guard let number = SystemAccount.userNumber(user) else { throw SocketFile.Refusal.noUser(user) }
        return number
    }

    private func groupNumber() throws -> gid_t {
        guard let group = self.group else { return gid_t.max }
        guard let number = SystemAccount.groupNumber(group) else { throw SocketFile.Refusal.noGroup(group) }
        return number
    }
}

private let systemListen = listen
