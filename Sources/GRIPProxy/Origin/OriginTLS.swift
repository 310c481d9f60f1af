import GRIPEngine
import NIOCore
import NIOSSL
import Synchronization

/// TLS to origins.
///
/// The contexts are made once, because making one reads the machine's certificates.
final class OriginTLS: Sendable {
    private struct Contexts {
        var verifying: NIOSSLContext?
        var trusting: NIOSSLContext?
    }

    private let contexts = Mutex(Contexts())

    func handler(for settings: OriginServer.TLS) throws -> NIOSSLClientHandler {
        let context = try self.context(acceptsAnyCertificate: settings.acceptsAnyCertificate)
        // An address is no name that a client may send, and its certificate is checked without.
        let isAddress = (try? SocketAddress(ipAddress: settings.serverName, port: 443)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : settings.serverName)
    }

    private func context(acceptsAnyCertificate: Bool) throws -> NIOSSLContext {
        try self.contexts.withLock { contexts in
            if let context = acceptsAnyCertificate ? contexts.trusting : contexts.verifying { return context }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.applicationProtocols = ["http/1.1"]
            if acceptsAnyCertificate { configuration.certificateVerification = .none }
            let context = try NIOSSLContext(configuration: configuration)
            if acceptsAnyCertificate { contexts.trusting = context } else { contexts.verifying = context }
            return context
        }
    }
}
