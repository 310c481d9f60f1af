import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The addresses that a host of a listener stands for.
struct HostAddresses: Sendable, Hashable {
    /// A host that has no address.
    struct Unknown: Error, CustomStringConvertible {
        let reason: String

        var description: String { "the name cannot be resolved: \(self.reason); correct it, or give an address" }
    }

    /// The addresses, each of them once.
    let addresses: [SocketAddress]

    /// Finds them; blocks while a name is resolved.
    ///
    /// - Parameters:
    ///   - host: An address, a name, or `*` for all addresses of this machine.
    ///   - port: The port.
    /// - Throws: ``Unknown``.
    init(host: String, port: Int) throws {
        switch host {
        case "*": self.addresses = try ["0.0.0.0", "::"].map { try SocketAddress(ipAddress: $0, port: port) }
        // Wherever it is resolved it means this machine; some resolvers have one of the two only.
        case "localhost":
            self.addresses = try ["127.0.0.1", "::1"].map { try SocketAddress(ipAddress: $0, port: port) }
        default: self.addresses = try Self.resolve(host, port)
        }
    }

    private static func resolve(_ host: String, _ port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &first)
        guard status == 0 else {
            throw Unknown(reason: gai_strerror(status).map { String(cString: $0) } ?? "error \(status)")
        }
        defer { if let first { freeaddrinfo(first) } }
        var addresses: [SocketAddress] = []
        var next = first
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let address = Self.address(entry), !addresses.contains(address) else { continue }
            addresses.append(address)
        }
        guard !addresses.isEmpty else { throw Unknown(reason: "it has no address") }
        return addresses
    }

    private static func address(_ entry: addrinfo) -> SocketAddress? {
        guard let raw = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET: return SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: return SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
        default: return nil
        }
    }

    /// Whether a machine can do without an address because of an error, as long as it has another one.
    ///
    /// Names have addresses of a family that the machine does not use, and of other machines.
    static func isAbsent(_ error: any Error) -> Bool {
        switch (error as? IOError)?.errnoCode {
        case EAFNOSUPPORT, EADDRNOTAVAIL, EPROTONOSUPPORT: true
        default: false
        }
    }
}
