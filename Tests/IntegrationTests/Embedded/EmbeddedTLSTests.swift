import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdGRIP
import HummingbirdTLS
import NIOCore
import NIOSSL
import Testing

/// The server with the proxy in it, behind Hummingbird's TLS.
@Suite("Embedded: TLS", .serialized, .timeLimit(.minutes(5))) struct EmbeddedTLSTests {
    /// A key and its own certificate, which nobody trusts.
    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9Lsur6b/H/9A7Tpg
        e9A2cpidNVdEFAAhPvb+igvzbDahRANCAARJoDVThNRA7P3+a0B+t5V0ofwOZfob
        UDZEDZYUx5QwtdblQ/aqxXK4Dgs+W0YgDf5B/QKNxq7UmGMWhvOL8cir
        -----END PRIVATE KEY-----
        """
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIUWYPsVplIBekvZHmBL9kBieO7Qk8wCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA0MTMxNFoYDzIxMjYxMDMw
        MDQxMzE0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAARJoDVThNRA7P3+a0B+t5V0ofwOZfobUDZEDZYUx5QwtdblQ/aqxXK4
        Dgs+W0YgDf5B/QKNxq7UmGMWhvOL8ciro2kwZzAdBgNVHQ4EFgQUr8ET1/zFQkj1
        LMVPET8qH1Vpd7IwHwYDVR0jBBgwFoAUr8ET1/zFQkj1LMVPET8qH1Vpd7IwDwYD
        VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
        SAAwRQIgH7PSFa8GfmiFlWtpanxrQBHyOVhxGmIkssIRP4D+HDgCIQCT7MfjZ3wV
        mTQbPfSzCi9T+juNLjlTCn8rh8AVr/ZsUQ==
        -----END CERTIFICATE-----
        """

    private static func configuration() throws -> TLSConfiguration {
        TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(Self.certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(Self.key.utf8), format: .pem))
        )
    }

    @Test("Clients are held, and handlers see that they use TLS")
    func tls() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        let router = TestRouter(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        let name = try #require(HTTPField.Name("X-Forwarded-Proto"))
        router.get("stream") { request, _ in "\(request.headers[name] ?? "nothing")\n".held(.stream(on: "test")) }
        let server = try HTTPServerBuilder.tls(.grip(grip), tlsConfiguration: Self.configuration())
        try await withServer(router, server, services: [grip]) { port in
            var configuration = HTTPClient.Configuration()
            configuration.tlsConfiguration = .makeClientConfiguration()
            configuration.tlsConfiguration?.certificateVerification = .none
            configuration.httpVersion = .http1Only
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            do {
                let response = try await client.execute(
                    HTTPClientRequest(url: "https://localhost:\(port)/stream"),
                    timeout: .seconds(10)
                )
                var body = response.body.makeAsyncIterator()
                #expect(try await body.next().map { String(buffer: $0) } == "https\n")
                try await grip.publish(.httpStream("hi\n"), to: "test")
                #expect(try await body.next().map { String(buffer: $0) } == "hi\n")
            } catch {
                try await client.shutdown()
                throw error
            }
            try await client.shutdown()
        }
    }
}
