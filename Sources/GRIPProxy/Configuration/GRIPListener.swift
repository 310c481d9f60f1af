/// An address to listen on.
public struct GRIPListener: Sendable, Hashable, CustomStringConvertible {
    package enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    package let address: Address

    /// A host and a port.
    ///
    /// - Parameters:
    ///   - host: An address; a name, which stands for all its addresses; or `*` for all addresses of this machine, of
    ///     IPv4 and IPv6. Addresses of a name that the machine does not have are passed over as long as it has one.
    ///   - port: The port, or 0 for one that is free; it is the same for all addresses of the host.
    public static func tcp(host: String, port: Int) -> GRIPListener {
        GRIPListener(address: .tcp(host: host, port: port))
    }

    /// A Unix domain socket.
    ///
    /// A file that a former socket left there is replaced; a socket that a program listens on is not. The file is
    /// removed at the end.
    ///
    /// - Parameter path: The path of the socket.
    public static func unixDomainSocket(path: String) -> GRIPListener { GRIPListener(address: .unix(path: path)) }

    /// The address as users write it.
    public var description: String {
        switch self.address {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
