import GRIP
import GRIPTesting
import Testing

/// One proxy and one origin for all tests of a suite.
struct ConformanceSessionTrait: SuiteTrait, TestScoping {
    @TaskLocal static var session: GRIPConformanceSession?

    let kind: ProxyUnderTest

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withConformanceTarget(self.kind) { target in
            try await GRIPConformanceSuite.withSession(on: target) { session in
                try await Self.$session.withValue(session) { try await function() }
            }
        }
    }
}

extension Trait where Self == ConformanceSessionTrait {
    static func conformanceSession(_ kind: ProxyUnderTest) -> Self { ConformanceSessionTrait(kind: kind) }
}

/// Runs a proxy with the routes of the conformance suite.
func withConformanceTarget<Result: Sendable>(
    _ kind: ProxyUnderTest,
    _ body: @Sendable (GRIPConformanceTarget) async throws -> Result
) async throws -> Result {
    let originPort = try await FreePort.next()
    let routes = GRIPConformanceTarget.routes(originPort: originPort)
    func run(_ proxy: RunningProxy) async throws -> Result {
        try await body(
            GRIPConformanceTarget(
                name: kind.rawValue,
                proxy: .init(port: proxy.httpPort),
                control: .init(port: proxy.controlPort),
                originPort: originPort,
                key: try GRIPKey("changeme")
            )
        )
    }
    switch kind {
    case .pushpin: return try await withPushpin(routes: routes) { try await run($0) }
    case .grip: return try await withGripProxy(routes: routes) { try await run($0) }
    }
}
