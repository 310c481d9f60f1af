import Hummingbird
import HummingbirdGRIP
import NIOCore
import ServiceLifecycle
import Testing

/// How an application with the proxy in it ends: what is held is ended properly, what is begun is finished.
@Suite("Embedded: shutdown", .serialized, .timeLimit(.minutes(5))) struct EmbeddedShutdownTests {
    @Test("Held clients get the proper end of their response")
    func holdsEnd() async throws {
        let connected = Mailbox<RawConnection>()
        let polled = Mailbox<Bool>()
        let ended = Mailbox<Bool>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let port = Mailbox<Int>()
            group.addTask {
                try await withEmbeddedApplication { router, _ in
                    router.get("stream") { _, _ in "open\n".held(.stream(on: "test")) }
                    router.get("poll") { _, _ in
                        polled.put(true)
                        return "nothing\n".held(.response(on: "test", timeout: .seconds(55)))
                    }
                } _: { application async throws in
                    port.put(application.port)
                    port.put(application.port)
                    _ = try await connected.next(within: .seconds(60))
                    _ = try await connected.next(within: .seconds(60))
                }
                ended.put(true)
            }
            group.addTask {
                let port = try #require(try await port.next(within: .seconds(60)))
                try await withConnection(to: port) { stream async throws in
                    try await withConnection(to: port) { poll async throws in
                        try await withConnection(to: port) { idle async throws in
                            try await stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
                            _ = try await stream.readUntil("open\n")
                            try await poll.send("GET /poll HTTP/1.1\r\nHost: a\r\n\r\n")
                            _ = try await polled.next(within: .seconds(60))
                            try await idle.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
                            _ = try await idle.readUntil("\r\n\r\n")
                            connected.put(stream)
                            connected.put(poll)
                            #expect(String(buffer: try await stream.readToEnd()).hasSuffix("0\r\n\r\n"))
                            #expect(String(buffer: try await poll.readToEnd()).hasSuffix("nothing\n"))
                            #expect(try await idle.readToEnd().readableBytes == 0)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await ended.next(within: .seconds(1)) == true)
    }

    @Test("A request that is begun is answered, a hold that comes then is not held, and handlers are told")
    func requestsFinish() async throws {
        let begun = Mailbox<Bool>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let ports = Mailbox<Int>()
            group.addTask {
                try await withEmbeddedApplication { router, _ in
                    router.get("late") { _, _ in
                        begun.put(true)
                        // Without the server's tasks around it, this would wait for its whole time.
                        try await gracefulShutdown()
                        return "late\n".held(.stream(on: "test"))
                    }
                } _: { application async throws in
                    ports.put(application.port)
                    _ = try await begun.next(within: .seconds(60))
                }
            }
            group.addTask {
                let port = try #require(try await ports.next(within: .seconds(60)))
                try await withConnection(to: port) { connection async throws in
                    try await connection.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n")
                    let answer = String(buffer: try await connection.readToEnd())
                    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                    #expect(answer.contains("Connection: close\r\n"))
                    #expect(answer.hasSuffix("late\n"))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("A handler that does not end is given up at the end of the time for a shutdown")
    func deadline() async throws {
        var proxy = GRIPProxyServerConfiguration()
        proxy.timeouts.shutdown = .milliseconds(300)
        let begun = Mailbox<Bool>()
        let never = Mailbox<Bool>()
        let cancelled = Mailbox<Bool>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let ports = Mailbox<Int>()
            group.addTask { [proxy] in
                try await withEmbeddedApplication(proxy: proxy) { router, _ in
                    router.get("never") { request, _ in
                        begun.put(true)
                        try await request.body.consumeWithInboundCloseHandler { _ in
                            _ = try await never.next(within: .seconds(60))
                        } onInboundClosed: {
                            never.put(true)
                            cancelled.put(true)
                        }
                        return "never\n"
                    }
                } _: { application async throws in
                    ports.put(application.port)
                    _ = try await begun.next(within: .seconds(60))
                }
            }
            group.addTask {
                let port = try #require(try await ports.next(within: .seconds(60)))
                try await withConnection(to: port) { connection async throws in
                    try await connection.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await connection.readToEnd().readableBytes == 0)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await cancelled.next(within: .seconds(60)) == true)
    }
}
