#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension String {
    /// What the operating system calls one of its errors.
    package init(systemError number: CInt) { self = strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}
