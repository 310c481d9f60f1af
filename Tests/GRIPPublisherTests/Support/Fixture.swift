import AsyncHTTPClient
import GRIP
import GRIPPublisher
import InMemoryLogging
import InMemoryTracing
import Logging
import MetricsTestKit
import Synchronization

/// A publisher whose logs, metrics and spans can be looked at.
struct Fixture: Sendable {
    let publisher: GRIPHTTPPublisher
    let log = InMemoryLogHandler()
    let metrics = TestMetrics()
    let tracer = InMemoryTracer()
    /// The messages of the log as they come, for tests that wait for one.
    let messages: AsyncStream<String>

    init(_ configuration: GRIPPublisherConfiguration, client: HTTPClient? = nil) throws {
        let (messages, message) = AsyncStream<String>.makeStream()
        self.messages = messages
        var handler = SignallingLogHandler(inner: self.log, signal: message)
        handler.logLevel = .trace
        self.publisher = try GRIPHTTPPublisher(
            configuration: configuration,
            client: client,
            logger: Logger(label: "test", factory: { [handler] _ in handler }),
            metrics: self.metrics,
            tracer: self.tracer
        )
    }

    /// Runs the publisher for as long as a closure takes, then shuts it down and waits until it has ended.
    func running(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.publisher.run() }
            defer { self.publisher.beginShutdown() }
            try await body()
        }
    }

    func total(_ name: String, _ dimensions: (String, String)...) -> Int {
        Int(self.metrics.counterTotal(label: name, dimensions: dimensions))
    }

    func entries(_ level: Logger.Level) -> [InMemoryLogHandler.Entry] {
        self.log.entries.filter { $0.level == level }
    }

    /// Everything that was logged, as text.
    var logText: String { self.log.entries.map { "\($0.message) \($0.metadata)" }.joined(separator: "\n") }
}

/// Says when something is logged.
private struct SignallingLogHandler: LogHandler {
    var inner: InMemoryLogHandler
    let signal: AsyncStream<String>.Continuation

    var logLevel: Logger.Level {
        get { self.inner.logLevel }
        set { self.inner.logLevel = newValue }
    }
    var metadata: Logger.Metadata {
        get { self.inner.metadata }
        set { self.inner.metadata = newValue }
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.inner[metadataKey: key] }
        set { self.inner[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        self.inner.log(event: event)
        self.signal.yield("\(event.message)")
    }
}

extension GRIPPublisherConfiguration {
    /// A configuration of the proxies at some control URIs.
    static func to(_ uris: String..., change: (inout Self) -> Void = { _ in }) throws -> Self {
        var configuration = Self(proxies: try uris.map { GRIPProxyConfiguration(controlURI: try GRIPControlURI($0)) })
        // A busy machine may be slow; whoever wants to see that something takes too long says so.
        configuration.connectTimeout = .seconds(120)
        configuration.requestTimeout = .seconds(120)
        configuration.shutdownDeadline = .seconds(120)
        change(&configuration)
        return configuration
    }
}

extension GRIPPublication {
    /// A publication to a channel of that name.
    static func to(_ name: String, _ text: String = "x") throws -> GRIPPublication {
        GRIPPublication(GRIPItem(.httpStream(.text(text))), to: try GRIPChannel(name))
    }
}

/// The error that publishing throws.
func publishError(_ body: () async throws -> GRIPPublishResult) async throws -> GRIPPublishError {
    do {
        let result = try await body()
        throw NoError(result: result)
    } catch let error as GRIPPublishError {
        return error
    }
}

struct NoError: Error { let result: GRIPPublishResult }
