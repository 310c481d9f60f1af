import GRIPPublisher
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// An address that a proxy cannot listen on.
public struct GRIPListenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address, as it was configured.
    public let listener: GRIPListener
    /// What the operating system objects to and what to do about it.
    public let reason: String

    /// Makes an error of what was thrown.
    ///
    /// - Parameters:
    ///   - listener: The address, as it was configured.
    ///   - error: What was thrown.
    ///   - all: What stands for all addresses where this one is configured.
    init(listener: GRIPListener, error: any Error, all: String = "*") {
        self.listener = listener
        self.reason = Self.reason(error, all: all)
    }

    init(listener: GRIPListener, reason: String) {
        self.listener = listener
        self.reason = reason
    }

    /// The address and the reason in one line.
    public var description: String { "The proxy cannot listen on \(self.listener): \(self.reason)" }

    private static func reason(_ error: any Error, all: String) -> String {
        if let error = error as? SocketAddressError, case .unixDomainSocketPathTooLong = error {
            return "the path is too long for a socket; give one of at most \(GRIPListener.maximumPathLength) bytes"
        }
        if error is SocketAddressError.UnknownHost {
            return "the name cannot be resolved; correct it, or give an address"
        }
        guard let error = error as? IOError else { return "\(error)" }
        let advice =
            switch error.errnoCode {
            case EADDRINUSE: "; give another one, or end the program that listens there"
            case EADDRNOTAVAIL: "; give an address that this machine has, or \(all) for all"
            case EACCES, EPERM: "; ports below 1024 and most folders need the right to use them"
            case ENOENT, ENOTDIR: "; make the folder first"
            case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n)"
            default: ""
            }
        return String(systemError: error.errnoCode) + advice
    }
}
