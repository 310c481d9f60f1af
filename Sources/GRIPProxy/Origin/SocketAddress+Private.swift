import GRIPEngine
import NIOCore

extension SocketAddress {
    /// Whether it belongs to this machine or to a private network, where an untrusted target must not lead.
    var isPrivate: Bool {
        self.withSockAddr { address, size in
            let bytes = UnsafeRawBufferPointer(start: address, count: size)
            // The addresses stand at the same places on all systems.
            return switch self {
            case .unixDomainSocket: true
            case .v4: PrivateAddress.contains(v4: Array(bytes.dropFirst(4).prefix(4)))
            case .v6: PrivateAddress.contains(v6: Array(bytes.dropFirst(8).prefix(16)))
            }
        }
    }
}
