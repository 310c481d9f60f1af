#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Users and groups of this machine, by name or by number.
enum SystemAccount {
    /// A user's number, or `nil` when there is no such user.
    static func userNumber(_ name: String) -> uid_t? {
        if let number = uid_t(name) { return number }
        var entry = passwd()
        return Self.find { getpwnam_r(name, &entry, $0, $1, &$2) }?.pw_uid
    }

    /// A group's number, or `nil` when there is no such group.
    static func groupNumber(_ name: String) -> gid_t? {
        if let number = gid_t(name) { return number }
        var entry = group()
        return Self.find { getgrnam_r(name, &entry, $0, $1, &$2) }?.gr_gid
    }

    /// Calls a function that wants room for what it finds, with more room as long as there is too little.
    private static func find<Entry>(
        _ body: (UnsafeMutablePointer<CChar>, Int, inout UnsafeMutablePointer<Entry>?) -> CInt
    ) -> Entry? {
        var size = 4096
        while size <= 1_048_576 {
            var result: UnsafeMutablePointer<Entry>?
            let (status, entry) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { buffer in
                guard let start = buffer.baseAddress else { return (ENOMEM, Entry?.none) }
                let status = body(start, buffer.count, &result)
                return (status, result?.pointee)
            }
            guard status == ERANGE else { return entry }
            size *= 4
        }
        return nil
    }
}
