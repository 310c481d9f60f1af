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

/// Why there is no connection, in words for people who know nothing of the error's type.
package enum NATSConnectionFailure {
    /// The error for those who use the connection.
    ///
    /// - Parameter error: What was thrown.
    package static func error(_ error: any Error) -> GRIPNATSError {
        switch error {
        case let error as GRIPNATSError: error
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            GRIPNATSError(.tls, "TLS could not be established: \(Self.tlsReason(error))")
        default: GRIPNATSError(.connection, Self.reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError where !error.connectionErrors.isEmpty:
            return Set(error.connectionErrors.map { Self.reason($0.error) }).sorted().joined(separator: ", ")
        case let error as NIOConnectionError: return "cannot resolve '\(error.host)'"
        case let error as SocketAddressError.UnknownHost: return "cannot resolve '\(error.host)'"
        case let error as IOError where error.errnoCode == EMFILE:
            return "no file descriptors are left for it; raise the limit of open files (ulimit -n)"
        case let error as IOError:
            let text = strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)"
            return text.prefix(1).lowercased() + text.dropFirst()
        case ChannelError.connectTimeout(let time):
            return "no connection within \(Duration.nanoseconds(time.nanoseconds))"
        case is ChannelError: return "the connection was closed"
        default: return "\(error)"
        }
    }

    /// What the libraries of TLS call an error, in words.
    package static func tlsReason(_ error: any Error) -> String {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return "the server's certificate is for another name"
        }
        let text = "\(error)"
        guard let start = text.firstRange(of: "OPENSSL_internal:") else {
            return "the connection was closed during the handshake"
        }
        let words = text[start.upperBound...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
        return words.lowercased().replacing("_", with: " ")
    }
}
