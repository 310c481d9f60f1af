import GRIP
import GRIPPublisher
import GRIPSignature
import InMemoryTracing
import MetricsTestKit
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(5)))
struct AuthorizationTests {
    private static func configuration(
        _ sink: Sink,
        _ authorization: GRIPProxyConfiguration.Authorization
    ) throws -> GRIPPublisherConfiguration {
        var configuration = try GRIPPublisherConfiguration.to(sink.uri)
        configuration.proxies[0].authorization = authorization
        return configuration
    }

    private static func field(_ sink: Sink, _ index: Int = 0) throws -> String {
        try #require(sink.requests[index].head.headers["authorization"].first)
    }

    @Test func `a bearer token is sent as it is`() async throws {
        try await Sink.with { sink in
            let fixture = try Fixture(Self.configuration(sink, .bearer("abc/+=")))
            try await fixture.publisher.publish(.httpStream("x"), to: "test")
            #expect(try Self.field(sink) == "Bearer abc/+=")
        }
    }

    @Test func `a user and password are sent as Base64 on one line`() async throws {
        try await Sink.with { sink in
            let password = String(repeating: "pä", count: 40)
            let fixture = try Fixture(Self.configuration(sink, .basic(user: "u", password: password)))
            try await fixture.publisher.publish(.httpStream("x"), to: "test")
            let field = try Self.field(sink)
            let encoded = try #require(Base64.decode(field.dropFirst("Basic ".count).utf8))
            #expect(field.hasPrefix("Basic "))
            #expect(String(decoding: encoded, as: UTF8.self) == "u:\(password)")
        }
    }

    @Test func `a token is signed once and used again`() async throws {
        let key = try GRIPKey("base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        try await Sink.with { sink in
            let fixture = try Fixture(Self.configuration(sink, .token(issuer: "realm", key: key)))
            try await fixture.publisher.publish(.httpStream("x"), to: "test")
            try await fixture.publisher.publish(.httpStream("x"), to: "test")
            let field = try Self.field(sink)
            #expect(try Self.field(sink, 1) == field)
            let token = String(field.dropFirst("Bearer ".count))
            let verifier = GRIPSignatureVerifier(keys: [try GRIPTrustedKey(key, issuer: "realm")])
            try verifier.verify(token)
        }
    }

    @Test func `a key that cannot sign is an error when the publisher is made`() throws {
        let key = try GRIPKey("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
        var configuration = try GRIPPublisherConfiguration.to("http://localhost")
        configuration.proxies[0].authorization = .token(issuer: "realm", key: key)
        #expect(throws: GRIPError.self) { try GRIPHTTPPublisher(configuration: configuration) }
    }

    @Test func `each proxy has its own authorization`() async throws {
        try await Sink.with { first in
            try await Sink.with { second in
                var configuration = try GRIPPublisherConfiguration.to(first.uri, second.uri)
                configuration.proxies[0].authorization = try .bearer("one")
                try await Fixture(configuration).publisher.publish(.httpStream("x"), to: "test")
                #expect(try Self.field(first) == "Bearer one")
                #expect(second.requests[0].head.headers["authorization"].isEmpty)
            }
        }
    }

    @Test func `no secret gets into an error, a log or a metric`() async throws {
        let echo: Sink.Script = { request in
            .status(401, body: "refused: \(request.head.headers["authorization"].joined()), \(request.head.uri)")
        }
        try await Sink.with(echo) { sink in
            let authorizations: [GRIPProxyConfiguration.Authorization] = [
                try .bearer("s3cr3t-token"),
                try .basic(user: "u", password: "s3cr3t-password"),
                .token(issuer: "realm", key: try GRIPKey("s3cr3t-key")),
            ]
            for authorization in authorizations {
                let fixture = try Fixture(Self.configuration(sink, authorization))
                let error = try await publishError {
                    try await fixture.publisher.publish(.httpStream("x"), to: "test")
                }
                try await fixture.running { fixture.publisher.enqueue(.httpStream("x"), to: "test") }
                var dumped = ""
                dump(error, to: &dumped)
                let field = try #require(sink.requests.last?.head.headers["authorization"].first)
                let credential = try #require(field.split(separator: " ").last)
                let shown = [dumped, "\(error)", fixture.logText, "\(fixture.metrics.counters.map(\.dimensions))"]
                for text in shown {
                    #expect(!text.contains("s3cr3t"))
                    #expect(!text.contains(credential))
                }
                #expect(error.description.contains("(redacted)"))
                #expect(fixture.logText.contains("answered 401"))
            }
        }
    }

    @Test func `the query of a control URI stays out of outcomes and logs`() async throws {
        try await Sink.with({ _ in .status(500) }) { sink in
            let fixture = try Fixture(.to("\(sink.uri)/?fastly-key=s3cr3t"))
            let error = try await publishError { try await fixture.publisher.publish(.httpStream("x"), to: "test") }
            try await fixture.running { fixture.publisher.enqueue(.httpStream("x"), to: "test") }
            #expect(!"\(error) \(error.result)".contains("s3cr3t"))
            #expect(!fixture.logText.contains("s3cr3t"))
            #expect(!"\(fixture.tracer.finishedSpans)".contains("s3cr3t"))
        }
    }
}
