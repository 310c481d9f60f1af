#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How many file descriptors, and so how many connections, the process may have open.
///
/// A system gives a process a soft limit, often of 1,024, and a hard one, up to which the process can raise the soft
/// one. `grip proxy` does so when it starts, and so does `GRIPProgram.serve`. A program that has a proxy in it and starts
/// in another way does it first of all:
///
/// ```swift
/// GRIPFileDescriptors.raiseLimit()
/// ```
public enum GRIPFileDescriptors {
    /// The soft limit, or `Int.max` where there is none.
    public static var limit: Int { Self.read().map { Self.number($0.rlim_cur) } ?? Int.max }

    /// Raises the soft limit to the hard one.
    ///
    /// Child processes inherit it.
    ///
    /// - Returns: The limit afterwards; it is as before where the system refuses to raise it.
    @discardableResult
    public static func raiseLimit() -> Int {
        guard var limits = Self.read() else { return Int.max }
        var wanted = limits.rlim_max
        #if canImport(Darwin)
        // More is refused, although the hard limit has no end.
        wanted = min(wanted, rlim_t(OPEN_MAX))
        #endif
        if limits.rlim_cur < wanted {
            limits.rlim_cur = wanted
            _ = setrlimit(descriptorResource, &limits)
        }
        return Self.limit
    }

    private static func read() -> rlimit? {
        var limits = rlimit()
        return getrlimit(descriptorResource, &limits) == 0 ? limits : nil
    }

    private static func number(_ value: rlim_t) -> Int { Int(exactly: value) ?? Int.max }

    /// The number that the next descriptor gets, or `nil` when there is none.
    static func next() -> Int? {
        #if canImport(Glibc)
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return nil }
        close(descriptor)
        return Int(descriptor)
    }
}

#if canImport(Glibc)
private let descriptorResource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
private let descriptorResource = RLIMIT_NOFILE
#endif
