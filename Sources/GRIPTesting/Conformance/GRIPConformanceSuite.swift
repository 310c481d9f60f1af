/// What GRIP proxies do, as scenarios that can be run against any of them.
///
/// ```swift
/// let target = GRIPConformanceTarget(
///     name: "my proxy",
///     proxy: .init(port: 7999),
///     control: .init(port: 5561),
///     originPort: 8000,
///     key: try GRIPKey("changeme")
/// )
/// let report = try await GRIPConformanceSuite.run(on: target)
/// print(report)
/// ```
///
/// The scenarios use the proxy like its clients, publishers and origins do, and know nothing else about it: an origin of
/// the suite's own listens on ``GRIPConformanceTarget/originPort``, where the proxy's routes lead. Paths and channels
/// are new in every scenario, so that many run at the same time, also on a proxy with other users.
public enum GRIPConformanceSuite {
    /// All scenarios, by topic.
    public static let scenarios: [GRIPConformanceScenario] = [
        RequestScenarios.all, SignatureScenarios.all, PassThroughScenarios.all, TransferScenarios.all,
        OriginFailureScenarios.all, RouteScenarios.all, InstructHeaderScenarios.all, InstructMistakeScenarios.all,
        InstructDocumentScenarios.all, StreamHoldScenarios.all, KeepAliveScenarios.all, ResponseHoldScenarios.all,
        ResponsePatchScenarios.all, ResponseTimeoutScenarios.all, OrderingScenarios.all, RetryScenarios.all,
        NextLinkScenarios.all, GoneLinkScenarios.all, FilterScenarios.all, WebSocketOpeningScenarios.all,
        WebSocketEventScenarios.all, WebSocketAnswerScenarios.all, WebSocketClosingScenarios.all,
        WebSocketControlScenarios.all, WebSocketPublishScenarios.all, NativeWebSocketScenarios.all,
        PublishScenarios.all, PublishMistakeScenarios.all, PublishTransferScenarios.all, BadInputScenarios.all,
        InjectionScenarios.all,
    ].flatMap(\.self)

    /// Runs scenarios one by one, or as a test framework wants them.
    ///
    /// - Parameters:
    ///   - target: The proxy.
    ///   - concurrency: How many scenarios run at the same time, at most.
    ///   - body: Runs scenarios.
    /// - Throws: What `body` throws, and an error where the origin cannot listen.
    /// - Returns: What `body` returns.
    public static func withSession<Outcome: Sendable>(
        on target: GRIPConformanceTarget,
        concurrency: Int = 16,
        _ body: (GRIPConformanceSession) async throws -> Outcome
    ) async throws -> Outcome {
        try await Origin.withRunning(port: target.originPort) { origin in
            try await body(GRIPConformanceSession(target: target, origin: origin, concurrency: concurrency))
        }
    }

    /// Runs scenarios and reports how they went.
    ///
    /// - Parameters:
    ///   - target: The proxy.
    ///   - deviations: Scenarios that the proxy is known not to pass.
    ///   - concurrency: How many scenarios run at the same time, at most.
    ///   - matching: Which scenarios to run; all by default.
    /// - Throws: An error where the suite's origin cannot listen; `CancellationError`.
    /// - Returns: How they went.
    public static func run(
        on target: GRIPConformanceTarget,
        deviations: [GRIPConformanceDeviation] = [],
        concurrency: Int = 16,
        matching: (GRIPConformanceScenario) -> Bool = { _ in true }
    ) async throws -> GRIPConformanceReport {
        let chosen = self.scenarios.filter(matching)
        let start = ContinuousClock.now
        let results = try await self.withSession(on: target, concurrency: concurrency) { session in
            try await withThrowingTaskGroup(of: (Int, GRIPConformanceResult).self) { group in
                for (index, scenario) in chosen.enumerated() {
                    group.addTask { (index, try await session.run(scenario)) }
                }
                var results: [(Int, GRIPConformanceResult)] = []
                for try await result in group { results.append(result) }
                return results.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
        return GRIPConformanceReport(
            target: target.name,
            results: results,
            deviations: deviations,
            duration: .now - start
        )
    }
}
