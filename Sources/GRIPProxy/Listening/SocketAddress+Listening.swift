#if os(Linux)
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension SocketAddress {
    /// Makes sure that no socket listens at an address.
    ///
    /// One that may share its port would not be refused where others of the same user share theirs: two proxies would
    /// take turns and not know of each other.
    ///
    /// - Parameter isIPv6Only: Whether an IPv6 socket leaves IPv4 to another one.
    /// - Throws: `IOError` when there is one, or when the address is none to listen at.
    func checkNobodyListens(isIPv6Only: Bool) throws {
        #if canImport(Glibc)
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        #else
        let kind = SOCK_STREAM | SOCK_CLOEXEC
        #endif
        let descriptor = socket(self.protocol.rawValue, kind, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        defer { close(descriptor) }
        // What is left of connections that have ended does not matter.
        var isReused: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, size) == 0 else {
            throw IOError(errnoCode: errno, reason: "setsockopt")
        }
        if self.protocol == .inet6 {
            var isAlone: CInt = isIPv6Only ? 1 : 0
            guard setsockopt(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &isAlone, size) == 0 else {
                throw IOError(errnoCode: errno, reason: "setsockopt")
            }
        }
        let result = self.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
        guard result == 0 else { throw IOError(errnoCode: errno, reason: "bind") }
    }
}
#endif
