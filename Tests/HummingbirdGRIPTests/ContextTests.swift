import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import Testing

/// Contexts of an application's own, and middleware that stands before a part of the routes.
@Suite struct ContextTests {
    private struct OwnContext: GRIPRequestContext {
        var coreContext: CoreRequestContextStorage
        var grip = GRIPRequestState()
        var user: String?

        init(source: Source) { self.coreContext = .init(source: source) }
    }

    private struct ChildContext: GRIPRequestContext, ChildRequestContext {
        var coreContext: CoreRequestContextStorage
        var grip: GRIPRequestState

        init(context: OwnContext) {
            self.coreContext = context.coreContext
            self.grip = context.grip
        }
    }

    private struct ForgetfulContext: GRIPRequestContext, ChildRequestContext {
        var coreContext: CoreRequestContextStorage
        var grip = GRIPRequestState()

        init(context: OwnContext) { self.coreContext = context.coreContext }
    }

    /// Sets the user behind a proxy only, so that its place among the middleware shows.
    private struct UserMiddleware: RouterMiddleware {
        func handle(
            _ request: Request,
            context: OwnContext,
            next: @concurrent (Request, OwnContext) async throws -> Response
        ) async throws -> Response {
            var context = context
            context.user = context.grip.isSigned ? "ann" : nil
            return try await next(request, context)
        }
    }

    @Test func aContextOfTheApplicationsOwnKeepsWhatOthersPutThere() async throws {
        let application = TestApplication()
        let fields = try application.proxy.fields()
        let router = Router(context: OwnContext.self)
        router.add(middleware: GRIPMiddleware(try application.origin()))
        router.add(middleware: UserMiddleware())
        router.get("stream") { _, context in "\(context.user ?? "nobody")".held(.stream(on: "test")) }
        try await Application(router: router).test(.router) { client in
            let proxied = try await client.get("/stream", fields)
            #expect(proxied.text == "ann")
            #expect(proxied.headers[.gripHold] == "stream")
            #expect(try await client.get("/stream").text == "nobody")
        }
    }

    @Test func aChildContextThatTakesTheStateOverIsAsGood() async throws {
        let application = TestApplication()
        let fields = try application.proxy.fields()
        let router = Router(context: OwnContext.self)
        router.add(middleware: GRIPMiddleware(try application.origin()))
        router.group("child", context: ChildContext.self).get("stream") { _, _ in "".held(.stream(on: "test")) }
        router.group("forgetful", context: ForgetfulContext.self)
            .get("stream") { _, _ in "".held(.stream(on: "test")) }
        try await Application(router: router).test(.router) { client async throws in
            #expect(try await client.get("/child/stream", fields).headers[.gripChannel] == "test")
            #expect(try await client.get("/forgetful/stream", fields).status == .internalServerError)
        }
    }

    @Test func middlewareOnAGroupServesTheGroupAlone() async throws {
        let application = TestApplication()
        let fields = try application.proxy.fields()
        let proxy = application.proxy
        let router = Router(context: BasicGRIPRequestContext.self)
        router.get("plain") { _, context in "\(context.grip.isProxied)" }
        router.get("outside") { _, _ in "".held(.stream(on: "test")) }
        let group = router.group("push").add(middleware: GRIPMiddleware(try application.origin()))
        group.get("stream") { _, _ in "".held(.stream(on: "test")) }
        group.webSocketOverHTTP("echo") { socket, _, _ in socket.accept() }
        try await Application(router: router).test(.router) { client async throws in
            #expect(try await client.get("/plain", fields).text == "false")
            #expect(try await client.get("/outside", fields).status == .internalServerError)
            #expect(try await client.get("/push/stream", fields).headers[.gripChannel] == "test")
            var socket = GRIPTestWebSocket(through: proxy)
            #expect(try await client.send(.open, on: &socket, to: "/push/echo").isAccepted)
        }
    }

    @Test func whatMiddlewareBetweenAddsToAHeldResponseStays() async throws {
        struct Stamp: RouterMiddleware {
            func handle(
                _ request: Request,
                context: BasicGRIPRequestContext,
                next: @concurrent (Request, BasicGRIPRequestContext) async throws -> Response
            ) async throws -> Response {
                var response = try await next(request, context)
                response.headers[.via] = "stamp"
                return response
            }
        }
        let application = TestApplication()
        let fields = try application.proxy.fields()
        try await application.test(routes: { router, _ in
            router.add(middleware: Stamp())
            router.get("stream") { _, _ in "".held(.stream(on: "test")) }
        }) { client in
            let response = try await client.get("/stream", fields)
            #expect(response.headers[.via] == "stamp")
            #expect(response.headers[.gripChannel] == "test")
        }
    }
}
