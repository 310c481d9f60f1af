import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension String {
    /// What an error says about why there is no connection, for people who know nothing of its type.
    ///
    /// - Parameters:
    ///   - error: What was thrown.
    ///   - name: The host and the port that were asked for.
    package init(connectionError error: any Error, to name: String) {
        self = Self.texts(error, name).joined(separator: ", ")
    }

    private static func texts(_ error: any Error, _ name: String) -> [String] {
        switch error {
        case let error as NIOConnectionError where !error.connectionErrors.isEmpty:
            return error.connectionErrors.map { failure in
                let address = Self.address(failure.target) ?? name
                return "\(address): \(Self.reason(failure.error))"
            }
        case let error as NIOConnectionError: return ["cannot resolve '\(error.host)'"]
        case let error as SocketAddressError.UnknownHost: return ["cannot resolve '\(error.host)'"]
        case SocketAddressError.unixDomainSocketPathTooLong: return ["\(name): the path of the socket is too long"]
        case is SocketAddressError: return ["\(name): the address cannot be used"]
        case is SocketAddressError.FailedToParseIPByteBuffer: return ["\(name): the address cannot be used"]
        default: return ["\(name): \(Self.reason(error))"]
        }
    }

    /// An address as operators write it.
    private static func address(_ address: SocketAddress) -> String? {
        guard let port = address.port, let host = address.ipAddress else { return address.pathname }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError where error.errnoCode == EMFILE:
            return "no file descriptors are left for it; raise the limit of open files (ulimit -n)"
        case let error as IOError:
            let text = strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)"
            return text.prefix(1).lowercased() + text.dropFirst()
        case ChannelError.connectTimeout(let time): return "no connection within \(Duration(time))"
        case is ChannelError: return "the connection was closed"
        case is UnixDomainSocketPathWrongType: return "there is a file in the place of the socket"
        case let error as NIOSSLError: return Self.tlsReason("\(error)")
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "the server's certificate is for another name"
        case is NIOSSLExtraError, is BoringSSLError: return Self.tlsReason("\(error)")
        case let error as HTTPClientError where error == .connectTimeout: return "no connection in time"
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            return "the connection was closed by the other side"
        default: return "\(error)"
        }
    }

    /// What BoringSSL calls an error, in words.
    private static func tlsReason(_ text: String) -> String {
        guard let start = text.firstRange(of: "OPENSSL_internal:") else {
            return "TLS failed: the connection was closed during the handshake"
        }
        let words = text[start.upperBound...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
        let reason = words.lowercased().replacing("_", with: " ")
        switch reason {
        case "wrong version number", "http request":
            return "TLS failed: \(reason); the server may not speak TLS on this port"
        default: return "TLS failed: \(reason)"
        }
    }
}

extension Duration {
    fileprivate init(_ amount: TimeAmount) { self = .nanoseconds(amount.nanoseconds) }
}
