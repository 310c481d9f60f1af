import GRIPNATS
import NIOCore
import Testing

@Suite("With a real server: TLS", .needsNATS, .timeLimit(.minutes(2)))
struct LiveTLSTests {
    private func use(_ url: String, _ tls: GRIPNATSTLS) async throws {
        var configuration = try GRIPNATSConfiguration(url: url)
        configuration.tls = tls
        try await withConnection(configuration) { test in
            let messages = test.record("a")
            let text = String(repeating: "hello ", count: 20_000)
            try test.publish(text, to: "a")
            try await messages.wait(for: text)
        }
    }

    /// What goes wrong, apart from what a machine that is busy does to a handshake.
    private func failure(
        _ url: String,
        _ tls: GRIPNATSTLS,
        saying text: String = ""
    ) async throws -> GRIPNATSError? {
        var configuration = try GRIPNATSConfiguration(url: url)
        configuration.tls = tls
        return try await withConnection(configuration, isConnected: false) { test in
            let events = try await test.events.wait { events in
                events.contains { $0.failure?.reason.contains(text) == true || text.isEmpty && $0.failure != nil }
            }
            return events.compactMap(\.failure).last
        }
    }

    @Test func whereTheServerOrTheURLWantsIt() async throws {
        try await TestAuthority.with { authority in
            let tls = GRIPNATSTLS(certificateAuthorityFile: authority.authority)
            try await NATSServerProcess.run(authority.configuration()) { server in
                try await self.use("tls://127.0.0.1:\(server.port)", tls)
                try await self.use("nats://127.0.0.1:\(server.port)", tls)
                try await self.use("tls://localhost:\(server.port)", tls)
                // The machine does not know the authority.
                let unknown = try await self.failure(
                    "tls://127.0.0.1:\(server.port)",
                    GRIPNATSTLS(),
                    saying: "certificate verify failed"
                )
                #expect(unknown?.code == .tls)
                #expect(unknown?.reason.contains("certificate verify failed") == true, "\(String(describing: unknown))")
            }
        }
    }

    @Test func theNameOfTheCertificate() async throws {
        try await TestAuthority.with { authority in
            var tls = GRIPNATSTLS(certificateAuthorityFile: authority.authority)
            try await NATSServerProcess.run(authority.configuration(certificate: "other")) { server in
                for host in ["localhost", "127.0.0.1"] {
                    let wrong = try await self.failure("tls://\(host):\(server.port)", tls, saying: "another name")
                    #expect(wrong?.code == .tls, "\(String(describing: wrong))")
                    #expect(wrong?.reason.contains("for another name") == true, "\(String(describing: wrong))")
                }
                tls.serverName = "other.example"
                try await self.use("tls://127.0.0.1:\(server.port)", tls)
            }
        }
    }

    @Test func clientCertificates() async throws {
        try await TestAuthority.with { authority in
            var tls = GRIPNATSTLS(certificateAuthorityFile: authority.authority)
            try await NATSServerProcess.run(authority.configuration(verifiesClients: true)) { server in
                let url = "tls://127.0.0.1:\(server.port)"
                #expect(try await self.failure(url, tls)?.code == .tls)
                tls.certificateFile = authority.clientCertificate
                tls.keyFile = authority.clientKey
                try await self.use(url, tls)
            }
        }
    }

    @Test func aServerWithoutTLS() async throws {
        try await NATSServerProcess.run("authorization { user: u, password: p }") { server in
            let error = try await self.failure("tls://u:p@127.0.0.1:\(server.port)", GRIPNATSTLS())
            #expect(error?.code == .tls)
            #expect(error?.reason.contains("does not offer it") == true)
        }
    }

    @Test func filesThatCannotBeRead() async throws {
        try await TestAuthority.with { authority in
            let settings = [
                GRIPNATSTLS(certificateAuthorityFile: "/nowhere.pem"),
                GRIPNATSTLS(certificateAuthorityFile: authority.clientKey),
                GRIPNATSTLS(certificateFile: authority.clientCertificate),
                GRIPNATSTLS(keyFile: authority.clientKey),
                GRIPNATSTLS(certificateFile: authority.clientCertificate, keyFile: authority.clientCertificate),
                // No certificate can be for these names.
                GRIPNATSTLS(serverName: "127.0.0.1"), GRIPNATSTLS(serverName: "::1"), GRIPNATSTLS(serverName: ""),
                GRIPNATSTLS(serverName: "a\u{0}b"), GRIPNATSTLS(serverName: String(repeating: "a", count: 256)),
            ]
            for tls in settings {
                var configuration = try GRIPNATSConfiguration(url: "nats://127.0.0.1")
                configuration.tls = tls
                #expect(await GRIPNATSTests.failure(configuration)?.code == .tls)
            }
        }
    }
}
