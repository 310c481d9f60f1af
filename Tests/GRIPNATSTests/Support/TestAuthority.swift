import Foundation
import TestSupport

/// A certificate authority, a server's certificate and a client's, made with `openssl`.
struct TestAuthority {
    let folder: URL

    var authority: String { self.folder.appending(path: "ca.pem").path }
    var clientCertificate: String { self.folder.appending(path: "client.pem").path }
    var clientKey: String { self.folder.appending(path: "client.key").path }

    /// The part of a server's configuration that turns TLS on.
    func configuration(verifiesClients: Bool = false, certificate: String = "server") -> String {
        let folder = self.folder.path
        return """
            tls {
                cert_file: "\(folder)/\(certificate).pem"
                key_file: "\(folder)/\(certificate).key"
                ca_file: "\(folder)/ca.pem"
                verify: \(verifiesClients)
                timeout: 30
            }
            """
    }

    static func with<Result>(_ body: (TestAuthority) async throws -> Result) async throws -> Result {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let authority = TestAuthority(folder: folder.url)
        try await authority.openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Test authority",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem"
        )
        try await authority.issue("server", names: "DNS:localhost,IP:127.0.0.1")
        try await authority.issue("other", names: "DNS:other.example")
        try await authority.issue("client", names: "DNS:client")
        return try await body(authority)
    }

    private func issue(_ name: String, names: String) async throws {
        try Data("subjectAltName=\(names)\nextendedKeyUsage=serverAuth,clientAuth\n".utf8)
            .write(to: self.folder.appending(path: "\(name).ext"))
        try await self.openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=\(name)",
            "-keyout",
            "\(name).key",
            "-out",
            "\(name).csr"
        )
        try await self.openssl(
            "x509",
            "-req",
            "-in",
            "\(name).csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "\(name).ext",
            "-out",
            "\(name).pem"
        )
    }

    private func openssl(_ arguments: String...) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = self.folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let exit = Recorder<Int32>()
        process.terminationHandler = { exit.record($0.terminationStatus) }
        try process.run()
        let status = try await exit.wait { !$0.isEmpty }
        guard status == [0] else {
            throw NATSServerProcess.Failure(description: "openssl \(arguments.joined(separator: " ")) failed")
        }
    }
}
