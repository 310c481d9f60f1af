import Hummingbird
import HummingbirdGRIP
import Logging
import NIOCore
import ServiceLifecycle

/// An application of this package behind a proxy of its own.
///
/// Exists only inside ``withDelegatedApplication(behind:routes:configure:settings:_:)``.
struct DelegatedApplication: Sendable {
    let proxy: RunningProxy
    let grip: GRIPOrigin
    /// Where the application listens, for requests that come past the proxy.
    let originURL: String

    var url: String { self.proxy.url }
}

typealias TestRouter = Router<BasicGRIPRequestContext>

/// Runs an application behind a proxy that signs with `changeme`.
///
/// - Parameters:
///   - configure: Changes how the application works with that proxy.
///   - settings: Pushpin's, by `section.key`.
func withDelegatedApplication<Result: Sendable>(
    behind kind: ProxyUnderTest = .pushpin,
    routes: @Sendable (TestRouter, GRIPOrigin) throws -> Void,
    configure: (inout GRIPConfiguration) throws -> Void = { _ in },
    settings: [String: String] = [:],
    _ body: @Sendable (DelegatedApplication) async throws -> Result
) async throws -> Result {
    let originPort = try await FreePort.next()
    return try await withProxy(kind, originPort: originPort, settings: settings) { proxy in
        var configuration = GRIPConfiguration(
            proxies: [try .pushpin(controlURI: proxy.controlURL, verifyKey: GRIPKey("changeme"))]
        )
        try configure(&configuration)
        let grip = try GRIPOrigin(configuration)
        let router = TestRouter(context: BasicGRIPRequestContext.self)
        router.add(middleware: GRIPMiddleware(grip))
        try routes(router, grip)
        return try await withApplication(
            { onServerRunning in
                Application(
                    router: router,
                    configuration: .init(address: .hostname("127.0.0.1", port: originPort)),
                    services: [grip],
                    onServerRunning: onServerRunning
                )
            },
            {
                try await body(
                    DelegatedApplication(proxy: proxy, grip: grip, originURL: "http://127.0.0.1:\(originPort)")
                )
            }
        )
    }
}

/// Runs an application for as long as `body` does, and shuts it down gracefully.
func withApplication<Result: Sendable>(
    _ make: (@escaping @Sendable (any Channel) async -> Void) -> some ApplicationProtocol,
    _ body: @Sendable () async throws -> Result
) async throws -> Result {
    let isRunning = Mailbox<Bool>()
    let application = make { _ in isRunning.put(true) }
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: application, failureTerminationBehavior: .gracefullyShutdownGroup)],
            logger: Logger(label: "test")
        )
    )
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            do {
                try await group.run()
                isRunning.finish()
            } catch {
                isRunning.finish(throwing: error)
                throw error
            }
        }
        guard try await isRunning.next(within: .seconds(20)) != nil else {
            throw TimedOut("the application ended before it ran")
        }
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try result.get()
    }
}

/// Publishes until a long-poll is answered, and gives the answer.
///
/// A proxy tells nobody when it has begun to hold a request, and what is published before is lost; so this publishes
/// again as long as there is no answer.
func answer<Answer: Sendable>(
    _ poll: @escaping @Sendable () async throws -> Answer,
    publishing publish: () async throws -> Void
) async throws -> Answer {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        let answers = Mailbox<Answer>()
        tasks.addTask { answers.put(try await poll()) }
        for _ in 0..<100 {
            try await publish()
            do {
                if let answer = try await answers.next(within: .milliseconds(100)) { return answer }
            } catch is TimedOut {
                continue
            }
        }
        throw TimedOut("the poll was not answered")
    }
}
