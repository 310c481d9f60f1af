import CoreSteps
import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import Logging
import NIOCore
import NIOEmbedded

/// Requests through a router without sockets: the difference to the router without middleware is what GRIP costs.
public enum MiddlewareSteps {
    /// All steps; the first is the one that the others compare with.
    public static func all() throws -> [AsyncStep] {
        let plain = Router(context: BasicRequestContext.self)
        plain.get("hello") { _, _ in Self.greeting }
        let proxy = GRIPTestProxy()
        let origin = try GRIPOrigin(proxy.configuration, publisher: RecordingPublisher())
        let grip = Router(context: BasicGRIPRequestContext.self)
        grip.add(middleware: GRIPMiddleware(origin))
        grip.get("hello") { _, _ in Self.greeting }
        grip.get("stream") { _, _ in
            Self.greeting.held(.stream(on: "room-42", keepAlive: .newline(after: .seconds(20))))
        }
        return [
            Self.step("request, without middleware", plain, "/hello", Self.fields),
            Self.step("request, with middleware", grip, "/hello", Self.fields),
            Self.step("request, signed and held", grip, "/stream", Self.fields + (try proxy.fields())),
        ]
    }

    private static let greeting = "hello, world\n"

    /// What a browser behind a proxy sends anyway.
    private static let fields: HTTPFields = [
        .accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        .acceptEncoding: "gzip, deflate, br",
        .acceptLanguage: "en-US,en;q=0.5",
        .userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    ]

    private static func step<Context: InitializableFromSource<ApplicationRequestContextSource> & RequestContext>(
        _ name: String,
        _ router: Router<Context>,
        _ path: String,
        _ fields: HTTPFields
    ) -> AsyncStep {
        let responder = router.buildResponder()
        let request = Request(
            head: HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: path, headerFields: fields),
            body: RequestBody(buffer: ByteBuffer())
        )
        let channel = NIOAsyncTestingChannel()
        let logger = Logger(label: "benchmark")
        return AsyncStep(name, operationCount: 1000) {
            let source = ApplicationRequestContextSource(channel: channel, logger: logger)
            for _ in 0..<1000 {
                let response = try await responder.respond(to: request, context: Context(source: source))
                guard response.status == .ok else { throw StepError("\(name): \(response.status)") }
            }
        }
    }
}

extension HTTPFields {
    fileprivate static func + (lhs: HTTPFields, rhs: HTTPFields) -> HTTPFields {
        var result = lhs
        result.append(contentsOf: rhs)
        return result
    }
}
