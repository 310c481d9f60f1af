import Hummingbird
import HummingbirdGRIP

/// The samples of the README and of "Getting started"; what runs for ever is only compiled.
enum GettingStartedSamples {
    static func readme() async {
        await GRIPProgram.serve {
            let grip = try GRIPOrigin()  // GRIP_URL, GRIP_PREFIX ... from the environment
            let router = Router(context: BasicGRIPRequestContext.self)
            router.add(middleware: GRIPMiddleware(grip))

            router.get("stream") { _, _ in
                "[stream open]\n".held(.stream(on: "test"))
            }
            router.post("stream") { request, _ in
                let text = try await String(buffer: request.body.collect(upTo: 10_000))
                try await grip.publish(.httpStream("\(text)\n"), to: "test")
                return "Ok\n"
            }

            return Application(router: router, server: .grip(grip), services: [grip])
        }
    }

    static func readmeRoutes(_ router: Router<BasicGRIPRequestContext>, object: SampleObject.Version) {
        router.get("object") { request, _ in
            request.headers[.ifNoneMatch] == object.etag
                ? Response(status: .notModified).held(.response(on: "object", timeout: .seconds(55)))
                : object.response
        }

        router.webSocketOverHTTP("echo") { socket, request, context in
            if socket.isOpening {
                socket.accept()
                socket.subscribe(to: "test")
            }
            for message in socket.messages { socket.send(message) }
        }
    }

    static func application() async {
        await GRIPProgram.serve {
            let grip = try GRIPOrigin()
            let router = Router(context: BasicGRIPRequestContext.self)
            router.add(middleware: GRIPMiddleware(grip))

            router.get("stream") { _, _ in
                "[stream open]\n".held(.stream(on: "test"))
            }
            router.post("stream") { request, _ in
                let text = try await String(buffer: request.body.collect(upTo: 10_000))
                try await grip.publish(.httpStream("\(text)\n"), to: "test")
                return "Ok\n"
            }

            return Application(router: router, server: .grip(grip), services: [grip])
        }
    }

    struct AppRequestContext: GRIPRequestContext {
        var coreContext: CoreRequestContextStorage
        var grip = GRIPRequestState()

        init(source: Source) { self.coreContext = .init(source: source) }
    }
}
