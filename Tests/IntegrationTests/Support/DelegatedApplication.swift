import Hummingbird
import HummingbirdGRIP
import Logging
import NIOCore
import ServiceLifecycle
import Testing

/// Where handlers run: they are the same everywhere.
enum Deployment: Sendable, CustomTestStringConvertible {
    /// In the process of the proxy.
    case embedded
    case behind(ProxyUnderTest)

    /// All that this machine has the proxies for, as the arguments of a test.
    static var all: [Self] { [.embedded] + ProxyUnderTest.all.map(Self.behind) }

    var testDescription: String {
        switch self {
        case .embedded: "embedded"
        case .behind(let proxy): "behind \(proxy)"
        }
    }
}

/// An application of this package with a proxy of its own.
///
/// Exists only inside ``withDelegatedApplication(_:routes:configure:settings:wait:_:)``.
struct DelegatedApplication: Sendable {
    let grip: GRIPOrigin
    /// Where clients connect.
    let port: Int
    /// Where anyone may publish, unless the proxy is embedded.
    let controlURL: String?
    /// Where the application listens, for requests that come past the proxy, if that is possible.
    let originURL: String?

    var url: String { "http://127.0.0.1:\(self.port)" }
}

typealias TestRouter = Router<BasicGRIPRequestContext>

/// Runs an application with a proxy, which signs with `changeme` where it is not embedded.
///
/// - Parameters:
///   - configure: Changes how the application works with that proxy.
///   - settings: Pushpin's, by `section.key`; an embedded proxy has none.
///   - believesForwardedProtocol: Whether the proxy believes what one before it says about TLS.
///   - wait: How long the proxy waits for an item before the one it has.
func withDelegatedApplication<Result: Sendable>(
    _ deployment: Deployment,
    routes: @Sendable (TestRouter, GRIPOrigin) throws -> Void,
    configure: (inout GRIPConfiguration) throws -> Void = { _ in },
    settings: [String: String] = [:],
    believesForwardedProtocol: Bool = false,
    wait: Duration = .seconds(5),
    _ body: @Sendable (DelegatedApplication) async throws -> Result
) async throws -> Result {
    switch deployment {
    case .embedded:
        precondition(settings.isEmpty, "an embedded proxy is not configured by a file")
        var configuration = GRIPConfiguration()
        try configure(&configuration)
        var proxy = GRIPProxyServerConfiguration()
        proxy.delivery.sequenceWait = wait
        proxy.forwarding.acceptsForwardedProtocol = believesForwardedProtocol
        return try await withEmbeddedApplication(configuration, proxy: proxy, routes: routes) { application in
            try await body(
                DelegatedApplication(grip: application.grip, port: application.port, controlURL: nil, originURL: nil)
            )
        }
    case .behind(let kind):
        let originPort = try await FreePort.next()
        var settings = settings
        settings["proxy.accept_x_forwarded_protocol"] = "\(believesForwardedProtocol)"
        settings["handler.message_wait"] = "\(Int(wait / .milliseconds(1)))"
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
                        DelegatedApplication(
                            grip: grip,
                            port: proxy.httpPort,
                            controlURL: proxy.controlURL,
                            originURL: "http://127.0.0.1:\(originPort)"
                        )
                    )
                }
            )
        }
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
        guard try await isRunning.next(within: .seconds(60)) != nil else {
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
