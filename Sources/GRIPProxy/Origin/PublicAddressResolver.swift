import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds the addresses of a host, without those of this machine and of private networks.
///
/// What it gives is what is connected to, so that a name cannot mean another address by then.
final class PublicAddressResolver: Resolver, Sendable {
    private let eventLoop: any EventLoop
    private let refused = Atomic(false)

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Whether the host has had an address that must not be connected to.
    var hasRefused: Bool { self.refused.load(ordering: .relaxed) }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        self.query(host, port, AF_INET)
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        self.query(host, port, AF_INET6)
    }

    func cancelQueries() {
        // One that has begun cannot be ended; its answer is of no use then.
    }

    private func query(_ host: String, _ port: Int, _ family: CInt) -> EventLoopFuture<[SocketAddress]> {
        NIOThreadPool.singleton.runIfActive(eventLoop: self.eventLoop) {
            let addresses = Self.addresses(of: host, port, family)
            let allowed = addresses.filter { !$0.isPrivate }
            if allowed.count < addresses.count { self.refused.store(true, ordering: .relaxed) }
            return allowed
        }
    }

    /// The addresses of one family; none where the host has none.
    private static func addresses(of host: String, _ port: Int, _ family: CInt) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = family
        #if canImport(Glibc)
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &first) == 0 else { return [] }
        defer { if let first { freeaddrinfo(first) } }
        var addresses: [SocketAddress] = []
        var next = first
        while let info = next?.pointee {
            next = info.ai_next
            guard let address = info.ai_addr else { continue }
            switch info.ai_family {
            case AF_INET:
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    addresses.append(SocketAddress($0.pointee))
                }
            case AF_INET6:
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    addresses.append(SocketAddress($0.pointee))
                }
            default: continue
            }
        }
        return addresses
    }
}
