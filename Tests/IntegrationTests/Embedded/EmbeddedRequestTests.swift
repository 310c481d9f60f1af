import Hummingbird
import HummingbirdCore
import HummingbirdGRIP
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// Plain requests to an application with the proxy in it.
@Suite("Embedded: requests", .serialized, .timeLimit(.minutes(5))) struct EmbeddedRequestTests {
    private struct Broken: Error {}

    @Sendable private static func routes(_ router: TestRouter, _ grip: GRIPOrigin) {
        router.get("hello") { _, _ in "hello\n" }
        router.head("hello") { _, _ in
            Response(status: .ok, headers: [.contentLength: "6", .contentType: "text/plain"])
        }
        router.get("refused") { _, _ -> String in throw HTTPError(.conflict, message: "not now") }
        router.get("broken") { _, _ -> String in throw Broken() }
        router.get("half") { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    try await writer.write(ByteBuffer(string: "begun"))
                    throw Broken()
                }
            )
        }
        router.post("size") { request, _ in "\(try await request.body.collect(upTo: 2_000_000).readableBytes)\n" }
        router.get("query") { request, _ in
            "\(request.uri.queryParameters.get("q") ?? "") \(request.head.authority ?? "")\n"
        }
    }

    @Test("Responses arrive as handlers make them")
    func responses() async throws {
        try await withEmbeddedApplication(routes: Self.routes) { application async throws in
            let hello = try await fetch("\(application.url)/hello")
            #expect(hello.status == .ok)
            #expect(hello.body == "hello\n")
            #expect(hello.headers["content-length"] == ["6"])
            #expect(try await fetch("\(application.url)/nothing").status == .notFound)
            let query = try await fetch("\(application.url)/query?q=a%20b")
            #expect(query.body == "a b 127.0.0.1:\(application.port)\n")
        }
    }

    @Test("A handler's error is its response, and the next request is served")
    func errors() async throws {
        try await withEmbeddedApplication(routes: Self.routes) { application async throws in
            #expect(try await fetch("\(application.url)/refused").status == .conflict)
            #expect(try await fetch("\(application.url)/broken").status == .internalServerError)
            #expect(try await fetch("\(application.url)/hello").body == "hello\n")
        }
    }

    @Test("A body that fails ends the connection, so that the client knows")
    func halfABody() async throws {
        try await withEmbeddedApplication(routes: Self.routes) { application async throws in
            try await withConnection(to: application.port) { connection async throws in
                try await connection.send("GET /half HTTP/1.1\r\nHost: a\r\n\r\n")
                let text = String(buffer: try await connection.readToEnd())
                #expect(text.contains("begun"))
                #expect(!text.hasSuffix("0\r\n\r\n"))
            }
            #expect(try await fetch("\(application.url)/hello").body == "hello\n")
        }
    }

    @Test("A response to HEAD has its headers, no body, and leaves the connection in order")
    func head() async throws {
        try await withEmbeddedApplication(routes: Self.routes) { application async throws in
            try await withConnection(to: application.port) { connection async throws in
                try await connection.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                let head = try await connection.readUntil("\r\n\r\n")
                #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(head.contains("Content-Length: 6\r\n"))
                try await connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.readUntil("\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(try await connection.readUntil("hello\n") == "hello\n")
            }
        }
    }

    @Test("Requests on one connection are answered in order, also when they come at once")
    func keepAlive() async throws {
        try await withEmbeddedApplication(routes: Self.routes) { application async throws in
            try await withConnection(to: application.port) { connection async throws in
                let requests = (1...20).map { "GET /query?q=\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }
                try await connection.send(requests.joined())
                for number in 1...20 {
                    #expect(try await connection.readUntil("\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
                    #expect(try await connection.readUntil("\n") == "\(number) a\n")
                }
            }
        }
    }

    @Test("Large uploads arrive whole", arguments: [99_999, 100_001, 1_500_000])
    func upload(size: Int) async throws {
        try await withEmbeddedApplication(routes: Self.routes) { application async throws in
            let body = String(repeating: "x", count: size)
            let posted = try await fetch("\(application.url)/size", .POST, body: body)
            #expect(posted.body == "\(size)\n")
        }
    }

    @Test("Many requests at a time are each answered with their own")
    func concurrency() async throws {
        try await withEmbeddedApplication(routes: Self.routes) { application async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<20 {
                    group.addTask {
                        try await withConnection(to: application.port) { connection async throws in
                            for request in 0..<50 {
                                let path = "/query?q=\(client)-\(request)"
                                try await connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                                _ = try await connection.readUntil("\r\n\r\n")
                                #expect(try await connection.readUntil("\n") == "\(client)-\(request) a\n")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("What a handler does after its response delays nobody else")
    func workAfterTheResponse() async throws {
        let gate = Gate()
        try await withEmbeddedApplication { router, _ in
            router.get("slow") { _, _ in
                Response(
                    status: .ok,
                    body: .init { writer in
                        try await writer.write(ByteBuffer(string: "slow\n"))
                        try await writer.finish(nil)
                        await gate.pass()
                    }
                )
            }
            router.get("fast") { _, _ in "fast\n" }
        } _: { application async throws in
            // On one event loop or another: several clients see all of them.
            for _ in 0..<4 { #expect(try await fetch("\(application.url)/slow").body == "slow\n") }
            for _ in 0..<16 { #expect(try await fetch("\(application.url)/fast").body == "fast\n") }
            gate.open()
        }
    }

    @Test("A handler sees the address of the client")
    func remoteAddress() async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        let router = Router(context: AddressContext.self)
        router.get("address") { _, context in "\(context.address)\n" }
        let ports = Mailbox<Int>()
        try await withApplication(
            { onServerRunning in
                Application(
                    router: router,
                    server: .grip(grip),
                    configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                    onServerRunning: { channel in
                        ports.put(channel.localAddress?.port ?? 0)
                        await onServerRunning(channel)
                    }
                )
            },
            {
                let port = try #require(try await ports.next(within: .seconds(60)))
                #expect(try await fetch("http://127.0.0.1:\(port)/address").body == "127.0.0.1 \(port)\n")
            }
        )
    }

    private struct AddressContext: RequestContext {
        var coreContext: CoreRequestContextStorage
        let address: String

        init(source: Source) {
            self.coreContext = .init(source: source)
            let remote = source.channel.remoteAddress
            let isPlausible = (remote?.port ?? 0) > 0
            self.address =
                "\(isPlausible ? remote?.ipAddress ?? "" : "no port") \(source.channel.localAddress?.port ?? 0)"
        }
    }
}
