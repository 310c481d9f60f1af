import GRIP
import GRIPNATS
import GRIPProxy
import GRIPTesting
import Testing

/// One proxy and one origin for all tests of a suite.
struct ConformanceSessionTrait: SuiteTrait, TestScoping {
    @TaskLocal static var session: GRIPConformanceSession?

    enum Kind: Hashable {
        case pushpin
        case grip
        /// The proxy in the process of its application, which lets the suite's origin answer.
        case embedded(GRIPHandlerExecutor)
        /// Two proxies with a bus: clients connect to one, publishers to the other.
        case instances
        /// The same with a real server of NATS between them.
        case instancesOverNATS

        var name: String {
            switch self {
            case .pushpin: "pushpin"
            case .grip: "grip"
            case .embedded(.inherited): "embedded"
            case .embedded(.eventLoop): "embedded, handlers on event loops"
            case .instances: "two instances"
            case .instancesOverNATS: "two instances over NATS"
            }
        }
    }

    let kind: Kind

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
    static func conformanceSession(_ kind: ConformanceSessionTrait.Kind) -> Self { ConformanceSessionTrait(kind: kind) }
}

/// Runs a proxy with the routes of the conformance suite.
func withConformanceTarget<Result: Sendable>(
    _ kind: ConformanceSessionTrait.Kind,
    _ body: @Sendable (GRIPConformanceTarget) async throws -> Result
) async throws -> Result {
    let originPort = try await FreePort.next()
    let routes = GRIPConformanceTarget.routes(originPort: originPort)
    let key = try GRIPKey("changeme")
    func run(port: Int, controlPort: Int) async throws -> Result {
        try await body(
            GRIPConformanceTarget(
                name: kind.name,
                proxy: .init(port: port),
                control: .init(port: controlPort),
                originPort: originPort,
                key: key,
                // Many tests run at once.
                patience: .seconds(20)
            )
        )
    }
    switch kind {
    case .pushpin:
        return try await withPushpin(routes: routes) { try await run(port: $0.httpPort, controlPort: $0.controlPort) }
    case .grip:
        return try await withGripProxy(routes: routes) { try await run(port: $0.httpPort, controlPort: $0.controlPort) }
    case .instances:
        let network = GRIPLoopbackNetwork()
        return try await withTwoInstances(routes: routes, key: key, buses: (network.makeBus(), network.makeBus())) {
            try await run(port: $0, controlPort: $1)
        }
    case .instancesOverNATS:
        return try await withNATSServer { server in
            let configuration = try GRIPNATSConfiguration(url: server.url)
            let (one, other) = (try GRIPNATSBus(configuration), try GRIPNATSBus(configuration))
            let buses = (one, InterestFirstBus(other, after: one))
            return try await withTwoInstances(routes: routes, key: key, buses: buses) { port, controlPort in
                try await one.waitUntilConnected()
                try await other.waitUntilConnected()
                return try await run(port: port, controlPort: controlPort)
            }
        }
    case .embedded(let executor):
        let application = ForwardingApplication(originPort: originPort)
        return try await withEmbeddedProxy(key: key, on: executor, serve: { await application.serve($0) }) {
            try await run(port: $0, controlPort: $1)
        }
    }
}
