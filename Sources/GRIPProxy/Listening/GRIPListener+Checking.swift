import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension GRIPListener {
    /// Makes sure, for a server that would not, that its address can be used and takes nothing away from another one.
    ///
    /// - Throws: ``GRIPListenError``.
    package func check() throws(GRIPListenError) {
        switch self.address {
        case .tcp(_, let port):
            guard (0...65535).contains(port) else {
                throw GRIPListenError(listener: self, reason: "\(port) is not a port; give a number from 0 to 65535")
            }
        case .unix(let path):
            do {
                guard try SocketFile.isLive(at: path) else { return }
            } catch {
                throw GRIPListenError(listener: self, error: error, all: "0.0.0.0")
            }
            throw GRIPListenError(listener: self, error: IOError(errnoCode: EADDRINUSE, reason: "bind"))
        }
    }

    /// What is wrong with this address, when an error of a server is about it.
    ///
    /// - Parameter error: What the server has thrown.
    package func failure(_ error: any Error) -> GRIPListenError? {
        switch error {
        case let error as GRIPListenError where error.listener == self: return error
        case is SocketAddressError, is SocketAddressError.UnknownHost:
            return GRIPListenError(listener: self, error: error, all: "0.0.0.0")
        case let error as IOError:
            let numbers = [EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EACCES, EPERM, ENOENT, ENOTDIR]
            // Other services of the program have errors of the same numbers.
            let isAboutListening = "\(error)".hasPrefix("bind") || "\(error)".hasPrefix("listen")
            return numbers.contains(error.errnoCode) && isAboutListening
                ? GRIPListenError(listener: self, error: error, all: "0.0.0.0") : nil
        default: return nil
        }
    }
}
