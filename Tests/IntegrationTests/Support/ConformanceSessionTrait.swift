import GRIP
import GRIPTesting
import Testing

/// One Pushpin and one origin for all tests of a suite.
struct ConformanceSessionTrait: SuiteTrait, TestScoping {
    @TaskLocal static var session: GRIPConformanceSession?

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withConformanceTarget { target in
            try await GRIPConformanceSuite.withSession(on: target) { session in
                try await Self.$session.withValue(session) { try await function() }
            }
        }
    }
}

extension Trait where Self == ConformanceSessionTrait {
    static var conformanceSession: Self { ConformanceSessionTrait() }
}

/// Runs a Pushpin with the routes of the conformance suite.
func withConformanceTarget<Result: Sendable>(
    _ body: @Sendable (GRIPConformanceTarget) async throws -> Result
) async throws -> Result {
    let originPort = try await FreePort.next()
    return try await withPushpin(routes: GRIPConformanceTarget.routes(originPort: originPort)) { pushpin in
        try await body(
            GRIPConformanceTarget(
                name: "Pushpin",
                proxy: .init(port: pushpin.httpPort),
                control: .init(port: pushpin.controlPort),
                originPort: originPort,
                key: try GRIPKey("changeme")
            )
        )
    }
}
