import Hummingbird
import HummingbirdCore
import HummingbirdGRIP
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Bodies that are on their way for long, through the proxy in an application.
@Suite("Embedded: transfers", .serialized, .timeLimit(.minutes(5))) struct EmbeddedTransferTests {
    private static let chunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: 65_536)

    @Test("What a handler writes arrives before it writes more")
    func streaming() async throws {
        let gate = Mailbox<String>()
        try await withEmbeddedApplication { router, _ in
            router.get("parts") { _, _ in
                Response(
                    status: .ok,
                    body: .init { writer in
                        while let part = try await gate.next(within: .seconds(60)) {
                            try await writer.write(ByteBuffer(string: part))
                        }
                        try await writer.finish(nil)
                    }
                )
            }
        } _: { application async throws in
            gate.put("one\n")
            try await withStream("\(application.url)/parts") { stream async throws in
                #expect(try await stream.readUntil("\n") == "one\n")
                gate.put("two\n")
                #expect(try await stream.readUntil("\n") == "two\n")
                gate.finish()
                #expect(try await stream.readToEnd().readableBytes == 0)
            }
        }
    }

    @Test("A handler is held up by a client that does not read")
    func slowReader() async throws {
        let total = 1000
        let written = Counter()
        try await withEmbeddedApplication { router, _ in
            router.get("much") { _, _ in
                Response(
                    status: .ok,
                    body: .init { writer in
                        for _ in 0..<total {
                            try await writer.write(Self.chunk)
                            written.add(1)
                            // A writer learns that it is to wait when its event loop has had a turn.
                            try await Self.letEventLoopsRun()
                        }
                        try await writer.finish(nil)
                    }
                )
            }
        } _: { application async throws in
            try await withConnection(to: application.port) { connection async throws in
                try await connection.setReading(false)
                try await connection.send("GET /much HTTP/1.0\r\nHost: a\r\n\r\n")
                let standing = try await settled { written.value }
                #expect(standing < total / 2)
                try await connection.setReading(true)
                let read = try await connection.readToEnd(within: .seconds(60))
                #expect(read.readableBytes > total * Self.chunk.readableBytes)
                #expect(written.value == total)
            }
        }
    }

    private static func letEventLoopsRun() async throws {
        for eventLoop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            try await eventLoop.submit {}.get()
        }
    }

    @Test("A client is held up by a handler that does not read")
    func slowHandler() async throws {
        let total = 1000
        let gate = Mailbox<Bool>()
        try await withEmbeddedApplication { router, _ in
            router.post("much") { request, _ in
                _ = try await gate.next(within: .seconds(60))
                var count = 0
                for try await buffer in request.body { count += buffer.readableBytes }
                return "\(count)\n"
            }
        } _: { application async throws in
            try await withConnection(to: application.port) { connection async throws in
                let size = total * Self.chunk.readableBytes
                try await connection.send("POST /much HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
                for _ in 0..<total { connection.sendLater(Self.chunk) }
                let standing = try await settled { connection.sentByteCount }
                #expect(standing < size / 2)
                gate.put(true)
                _ = try await connection.readUntil("\r\n\r\n", within: .seconds(60))
                #expect(try await connection.readUntil("\n") == "\(size)\n")
            }
        }
    }

    @Test("A handler answers a body while it comes")
    func echo() async throws {
        try await withEmbeddedApplication { router, _ in
            router.post("echo") { request, _ in
                Response(
                    status: .ok,
                    body: .init { writer in
                        for try await buffer in request.body { try await writer.write(buffer) }
                        try await writer.finish(nil)
                    }
                )
            }
        } _: { application async throws in
            try await withConnection(to: application.port) { connection async throws in
                try await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for text in ["first", "other", "third"] {
                    try await connection.send("5\r\n\(text)\r\n")
                    #expect(try await connection.readUntil(text).hasSuffix(text))
                }
                try await connection.send("0\r\n\r\n")
                #expect(try await connection.readUntil("0\r\n\r\n").hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test("A handler that answers before the end of the request is heard")
    func earlyAnswer() async throws {
        try await withEmbeddedApplication { router, _ in
            router.post("refuse") { _, _ in Response(status: .contentTooLarge) }
        } _: { application async throws in
            try await withConnection(to: application.port) { connection async throws in
                try await connection.send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nx")
                #expect(try await connection.readUntil("\r\n").hasPrefix("HTTP/1.1 413"))
            }
        }
    }

    @Test("A handler learns that its client is gone, as it does without a proxy", arguments: [true, false])
    func clientLeaves(isEmbedded: Bool) async throws {
        let events = Mailbox<String>()
        let left = Mailbox<Bool>()
        let router = TestRouter(context: BasicGRIPRequestContext.self)
        let grip = try GRIPOrigin(GRIPConfiguration())
        router.get("wait") { request, _ in
            events.put("begun")
            try await request.body.consumeWithInboundCloseHandler { _ in
                _ = try await left.next(within: .seconds(60))
            } onInboundClosed: {
                events.put("closed")
                left.put(true)
            }
            return "done"
        }
        router.get("write") { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    events.put("writing")
                    do {
                        while true { try await writer.write(Self.chunk) }
                    } catch {
                        events.put("cannot write")
                        throw error
                    }
                }
            )
        }
        try await withServer(router, isEmbedded ? .grip(grip) : .http1()) { port async throws in
            for (path, first, second) in [("wait", "begun", "closed"), ("write", "writing", "cannot write")] {
                try await withConnection(to: port) { connection async throws in
                    try await connection.send("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await events.next(within: .seconds(60)) == first)
                    try await connection.close()
                    #expect(try await events.next(within: .seconds(60)) == second)
                }
            }
        }
    }
}

/// A number that handlers and tests share.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { self.count.load(ordering: .relaxed) }

    func add(_ number: Int) { self.count.add(number, ordering: .relaxed) }
}
