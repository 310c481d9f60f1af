import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import NIOCore
import NIOHTTP1
import Testing

/// Held clients behind nginx, HAProxy and Caddy, configured as the guide says.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FrontServerTests {
    @Sendable private func routes(_ router: TestRouter, _ grip: GRIPOrigin) {
        router.get("stream") { _, _ in "[stream open]\n".held(.stream(on: "test")) }
        router.get("events") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"],
                body: .init(byteBuffer: ByteBuffer(string: ": open\n\n"))
            )
            .held(.stream(on: "test", keepAlive: .eventStreamComment(after: .seconds(1))))
        }
        router.get("pages") { _, _ in "first\n".followed(by: try GRIPLink("/stream")) }
        router.get("poll") { _, _ in "nothing\n".held(.response(on: "poll", timeout: .seconds(50))) }
        router.get("client") { request, _ in
            let fields = ["X-Forwarded-For", "X-Forwarded-Proto"].map { name in
                HTTPField.Name(name).flatMap { request.headers[$0] } ?? "none"
            }
            return "\(request.head.authority ?? "none") \(fields.joined(separator: " "))"
        }
        router.webSocketOverHTTP("echo", origins: .sameHost) { socket, _, _ in
            if socket.isOpening {
                socket.accept()
                socket.join("test")
            }
            for _ in socket.joined { socket.send("joined") }
            for message in socket.messages { socket.send(message) }
        }
    }

    /// The proxies of this package, and the servers before them.
    static let combinations: [(FrontServer, Deployment)] = FrontServer.all.flatMap { server in
        [(server, .embedded), (server, .behind(.grip))]
    }

    @Test("Streams arrive over HTTP/1.1 as they are sent", arguments: FrontServerTests.combinations)
    func streams(_ server: FrontServer, _ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withFrontServer(server, originPort: application.port) { port async throws in
                for (path, first) in [("stream", "[stream open]\n"), ("events", ": open\n\n"), ("pages", "open]\n")] {
                    try await withStream("http://127.0.0.1:\(port)/\(path)") { stream async throws in
                        #expect(stream.status == .ok)
                        #expect(try await stream.readUntil(first, within: .seconds(10)).hasSuffix(first))
                        if path == "events" {
                            #expect(try await stream.readUntil(":\n\n", within: .seconds(10)) == ":\n\n")
                        }
                        try await application.grip.publish(.httpStream("item\n"), to: "test")
                        #expect(try await stream.readUntil("item\n", within: .seconds(10)).hasSuffix("item\n"))
                        try await application.grip.publish(.httpStreamClose, to: "test")
                        _ = try await stream.readToEnd(within: .seconds(10))
                    }
                }
            }
        }
    }

    @Test("Long polls are answered", arguments: FrontServerTests.combinations)
    func polls(_ server: FrontServer, _ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withFrontServer(server, originPort: application.port) { port async throws in
                let response = try await answer {
                    try await fetch("http://127.0.0.1:\(port)/poll")
                } publishing: {
                    try await application.grip.publish(.httpResponse("something\n"), to: "poll")
                }
                #expect(response.body == "something\n")
            }
        }
    }

    @Test("WebSockets are upgraded, and pages of the same host may open them", arguments: FrontServerTests.combinations)
    func webSockets(_ server: FrontServer, _ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withFrontServer(server, originPort: application.port) { port async throws in
                let headers: HTTPHeaders = ["Origin": "http://127.0.0.1:\(port)"]
                try await withWebSocket(port: port, path: "/echo", headers: headers) { socket async throws in
                    guard case .ping(let payload) = try await socket.receive(within: .seconds(10)) else {
                        Issue.record("no ping")
                        return
                    }
                    try await socket.pong(String(buffer: payload))
                    #expect(try await socket.receive() == .text("joined"))
                    try await socket.send("hello")
                    #expect(try await socket.receive() == .text("hello"))
                    try await application.grip.publish(.webSocketMessage("news"), to: "test")
                    #expect(try await socket.receive() == .text("news"))
                }
                let rejection = await #expect(throws: WebSocketRejected.self) {
                    try await withWebSocket(
                        port: port,
                        path: "/echo",
                        headers: ["Origin": "http://evil.example"]
                    ) { _ in }
                }
                #expect(rejection?.status == .forbidden)
            }
        }
    }

    @Test("Handlers learn who the client is", arguments: FrontServerTests.combinations)
    func forwarded(_ server: FrontServer, _ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withFrontServer(server, originPort: application.port) { port async throws in
                let response = try await fetch("http://127.0.0.1:\(port)/client")
                #expect(response.body == "127.0.0.1:\(port) 127.0.0.1 none")
            }
        }
    }

    @Test("A proxy that is told to believe it says that clients use TLS", arguments: Self.combinations, [false, true])
    func protocolOfClients(_ combination: (FrontServer, Deployment), _ believes: Bool) async throws {
        let (server, deployment) = combination
        try await withDelegatedApplication(
            deployment,
            routes: self.routes,
            believesForwardedProtocol: believes
        ) { application async throws in
            for usesTLS in [false, true] {
                try await withFrontServer(server, originPort: application.port, usesTLS: usesTLS) { port async throws in
                    let host = usesTLS ? "localhost" : "127.0.0.1"
                    let response = try await fetch("\(usesTLS ? "https" : "http")://\(host):\(port)/client")
                    let said = usesTLS && believes ? "https" : "none"
                    #expect(response.body == "\(host):\(port) 127.0.0.1 \(said)")
                }
            }
        }
    }
}
