package import NIOSSL

/// How TLS is established with servers.
///
/// Without anything said, a server's certificate is checked with the authorities that the machine trusts, and must be for
/// the host of the server's URL.
public struct GRIPNATSTLS: Sendable, Hashable {
    /// A file with the certificates of the authorities to trust in place of the machine's, in PEM.
    public var certificateAuthorityFile: String?
    /// A file with the certificate that the client shows, and those it is signed by, in PEM.
    public var certificateFile: String?
    /// A file with the key of that certificate, in PEM.
    public var keyFile: String?
    /// The host name that servers' certificates must be for, where it is not the host of the URL.
    ///
    /// An IP address is no such name: a certificate is checked against the address of the URL where that has one.
    public var serverName: String?
    /// Whether TLS comes before the first byte of a server, as servers with `handshake_first` want it.
    public var startsAtOnce: Bool

    /// Makes settings of TLS.
    ///
    /// - Parameters:
    ///   - certificateAuthorityFile: A file with the authorities to trust, in PEM.
    ///   - certificateFile: A file with the client's certificate, in PEM; it goes with a key.
    ///   - keyFile: A file with the key of the client's certificate, in PEM.
    ///   - serverName: The host name that servers' certificates must be for.
    ///   - startsAtOnce: Whether TLS comes before the first byte of a server.
    public init(
        certificateAuthorityFile: String? = nil,
        certificateFile: String? = nil,
        keyFile: String? = nil,
        serverName: String? = nil,
        startsAtOnce: Bool = false
    ) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.serverName = serverName
        self.startsAtOnce = startsAtOnce
    }

    /// Checks the settings and reads the files.
    ///
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/tls``, which names the file.
    package func context() throws(GRIPNATSError) -> NIOSSLContext {
        if let serverName = self.serverName { try Self.check(serverName) }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = self.certificateAuthorityFile {
            configuration.trustRoots = .certificates(try Self.certificates(file))
        }
        switch (self.certificateFile, self.keyFile) {
        case (nil, nil): break
        case (let certificate?, let key?):
            configuration.certificateChain = try Self.certificates(certificate).map { .certificate($0) }
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            } catch {
                throw GRIPNATSError(.tls, "there is no key in PEM that can be read in '\(key)'")
            }
        case (_?, nil), (nil, _?):
            throw GRIPNATSError(
                .tls,
                "a client's certificate needs a key, and a key a certificate; one of them is not set"
            )
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw GRIPNATSError(.tls, "TLS cannot be set up: \(NATSConnectionFailure.tlsReason(error))")
        }
    }

    private static func check(_ serverName: String) throws(GRIPNATSError) {
        guard !GRIPNATSServer.isIPAddress(serverName) else {
            throw GRIPNATSError(
                .tls,
                "the name for servers' certificates is a host name, not the IP address '\(serverName)'; "
                    + "to check certificates for an address, write it in the URL and set no name"
            )
        }
        guard GRIPNATSServer.isHostName(serverName) else {
            throw GRIPNATSError(.tls, "the name for servers' certificates is not a host name of 1 to 255 bytes")
        }
    }

    private static func certificates(_ file: String) throws(GRIPNATSError) -> [NIOSSLCertificate] {
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(file)
            if !certificates.isEmpty { return certificates }
        } catch {
            throw GRIPNATSError(.tls, "there are no certificates in PEM that can be read in '\(file)'")
        }
        throw GRIPNATSError(.tls, "there is no certificate in '\(file)'")
    }
}
