import GRIPTesting
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import HummingbirdTesting
import Testing

@Suite struct MissingMiddlewareTests {
    @Test(arguments: [true, false])
    func theServiceRefusesToStart(hasProxies: Bool) async throws {
        let grip = hasProxies ? try TestApplication().origin() : try GRIPOrigin(GRIPConfiguration())
        _ = Application(
            router: Router(context: BasicGRIPRequestContext.self),
            server: .grip(grip),
            services: [grip]
        )
        let error = await #expect(throws: GRIPConfigurationError.self) { try await grip.run() }
        #expect(error?.description.contains("router.add(middleware: GRIPMiddleware(grip))") == true)
    }

    @Test func withoutTheServerItDoesSoInWordsOfNoFramework() async throws {
        let grip = try TestApplication().origin()
        let error = await #expect(throws: GRIPConfigurationError.self) { try await grip.run() }
        #expect(error?.description.contains("middleware") == true)
        #expect(error?.description.contains("markInstalled()") == true)
    }

    @Test func aRouteInFrontOfItAnswersWithAnErrorAndGoesOn() async throws {
        let router = Router(context: BasicGRIPRequestContext.self)
        router.get("stream") { _, _ in "open\n".held(.stream(on: "test")) }
        router.webSocketOverHTTP("echo") { socket, _, _ in socket.accept() }
        let fields = try GRIPTestProxy().fields()
        let request = try GRIPTestWebSocket(through: GRIPTestProxy()).request(.open)
        try await Application(router: router).test(.router) { client in
            for _ in 0..<2 {
                #expect(try await client.get("/stream", fields).status == .internalServerError)
            }
            let response = try await client.execute(
                uri: "/echo",
                method: .post,
                headers: request.fields,
                body: request.body
            )
            #expect(response.status == .internalServerError)
        }
    }
}
