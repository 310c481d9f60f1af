import Foundation
import GRIP
import HTTPTypes
import NIOCore
import TestSupport
import Testing

/// `grip publish`, as a program.
@Suite("grip publish", .timeLimit(.minutes(5))) struct PublishCommandTests {
    /// Publishes to an API and gives what arrived.
    private static func publish(
        _ arguments: [String],
        input: String? = nil,
        directory: URL? = nil
    ) async throws -> GRIPItem {
        try await withControlAPI { api async throws in
            let outcome = try await GripCommand.run(
                ["publish", "room"] + arguments,
                environment: ["GRIP_URL": api.url],
                directory: directory,
                input: input
            )
            #expect(outcome.output == "Published\n")
            #expect(outcome.status == 0)
            return try #require(try await api.item())
        }
    }

    @Test("Text goes to all transports, to HTTP with a newline")
    func allFormats() async throws {
        let item = try await Self.publish(["hellö"])
        #expect(item == (try GRIPItem([.httpResponse("hellö\n"), .httpStream("hellö\n"), .webSocketMessage("hellö")])))
    }

    @Test("Every option of items arrives")
    func options() async throws {
        let item = try await Self.publish([
            "--response", "--no-eol", "--code", "201", "-H", "X-A: 1", "--header", "X-A:2", "--id", "b", "--prev-id",
            "a",
            "--sender", "me", "-M", "k=v=w", "--meta", "l=", "--no-seq", "--content-filter", "build-id", "--", "-x",
        ])
        #expect(item.formats.count == 1)
        #expect(item.id == "b")
        #expect(item.previousID == "a")
        #expect(item.meta == ["sender": "me", "k": "v=w", "l": ""])
        #expect(item.skipsSequencing)
        guard case .send(let response) = item.httpResponse?.action else {
            Issue.record("there is no response")
            return
        }
        #expect(response.status.code == 201)
        #expect(response.headers.map(\.value) == ["1", "2"])
        #expect(response.body == .content("-x"))
        #expect(item.httpResponse?.contentFilters == [.buildID])
    }

    @Test("Content comes from standard input or a file, and keeps the newline that it has")
    func files() async throws {
        #expect(
            try await Self.publish(["--stream", "--content", "-"], input: "a\n") == GRIPItem(.httpStream("a\n"))
        )
        #expect(try await Self.publish(["--stream", "--content", "-"], input: "a") == GRIPItem(.httpStream("a\n")))
        #expect(try await Self.publish(["--ws", "--content", "-"], input: "") == GRIPItem(.webSocketMessage("")))
        try await withTemporaryFolder { folder in
            try Data([0xFF, 0x00]).write(to: folder.appendingPathComponent("bytes"))
            let item = try await Self.publish(
                ["--stream", "--ws", "--binary", "--content", "bytes"],
                directory: folder
            )
            let bytes = GRIPContent.binary(.init(bytes: [0xFF, 0x00]))
            #expect(item == (try GRIPItem([.httpStream(bytes), .webSocketMessage(bytes)])))
        }
    }

    @Test("What an item does instead of carrying content is for the transports that it makes sense for")
    func actions() async throws {
        #expect(try await Self.publish(["--hint"]).formats == [.httpResponseHint, .httpStreamHint])
        #expect(try await Self.publish(["--hint", "--stream"]).formats == [.httpStreamHint])
        #expect(try await Self.publish(["--close"]).formats == [.httpStreamClose, .webSocketClose()])
        #expect(try await Self.publish(["--refresh"]).formats == [.webSocketRefresh])
        let close = GRIPFormat.webSocketClose(try WebSocketClose(4000, reason: "bye"))
        #expect(
            try await Self.publish(["--ws", "--close", "--close-code", "4000", "--close-reason", "bye"]).formats
                == [close]
        )
        #expect(try await Self.publish(["--ws-type", "ping"]).formats == [try .webSocketPing()])
        #expect(try await Self.publish(["--ws-type", "pong", "x"]).formats == [try .webSocketPong("x")])
        let patch = #"[{"op":"add","path":"/a","value":1}]"#
        #expect(
            try await Self.publish(["--patch", patch]).formats == [
                .httpResponse(patching: try GRIPJSONPatch(json: patch))
            ]
        )
    }

    @Test("--spec wins over GRIP_URL, and both may carry authorization")
    func targets() async throws {
        try await withControlAPI { api async throws in
            let url = api.url.replacingOccurrences(of: "http://", with: "http://user:pass@")
            let nowhere = ["GRIP_URL": "http://127.0.0.1:1"]
            for arguments in [["--spec", url], ["--spec", api.url, "-u", "user:pass"]] {
                let outcome = try await GripCommand.run(["publish", "room", "x"] + arguments, environment: nowhere)
                #expect(outcome.status == 0)
                let request = try #require(try await api.request())
                #expect(request.path == "/publish/")
                #expect(request.authorization == "Basic dXNlcjpwYXNz")
                #expect(request.publications.map(\.channel.name) == ["room"])
            }
        }
    }

    @Test("A proxy that refuses is told with what it answered")
    func refusal() async throws {
        try await withControlAPI(status: .forbidden) { api async throws in
            let outcome = try await GripCommand.run(["publish", "room", "x", "--spec", api.url])
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("403"))
            #expect(outcome.output.contains("this is the answer"))
            #expect(outcome.output.contains("; compare the key or token"))
            #expect(outcome.output.split(separator: "\n").count == 1, "\(outcome.output)")
        }
    }

    @Test("A proxy that is not there has an exit code of its own")
    func unreachable() async throws {
        let port = try await FreePort.next()
        let outcome = try await GripCommand.run(["publish", "room", "x", "--spec", "http://127.0.0.1:\(port)"])
        #expect(outcome.status == 69)
        #expect(
            outcome.output == """
                grip publish: http://127.0.0.1:\(port): no connection: 127.0.0.1:\(port): connection refused; start the \
                proxy, or name its control API with --spec or GRIP_URL

                """
        )
    }

    @Test("A bus that is not there has that exit code too")
    func unreachableBus() async throws {
        let port = try await FreePort.next()
        let outcome = try await GripCommand.run(["publish", "room", "x", "--bus", "nats://127.0.0.1:\(port)"])
        #expect(outcome.status == 69)
        #expect(outcome.output.hasPrefix("grip publish: nats://127.0.0.1:\(port): "), "\(outcome.output)")
        #expect(outcome.output.contains("connection refused"), "\(outcome.output)")
        #expect(outcome.output.split(separator: "\n").count == 1, "\(outcome.output)")
    }

    static let mistakes: [([String], Int32, String)] = [
        ([], 64, "Missing expected argument '<channel>'"),
        (["room"], 64, "there is no content"),
        (["room", "x", "--content", "-"], 64, "given twice"),
        (["room", "x", "--hint"], 64, "have no content"),
        (["room", "--hint", "--close"], 64, "exclude each other"),
        (
            ["room", "--hint", "--ws"], 64,
            "--hint cannot be done for each format that is asked for; it is for --response and"
        ),
        (
            ["room", "--refresh", "--stream"], 64,
            "--refresh cannot be done for each format that is asked for; it is for --ws"
        ),
        (["room", "--close", "--response"], 64, "--close cannot be done for each"),
        (["room", "x", "--patch", "--stream"], 64, "--patch"),
        (["room", "--hint", "--close-code", "1000"], 64, "need --close"),
        (["room", "--close", "--close-code", "1005"], 65, "close code 1005"),
        (["a,b", "x"], 65, "channel name"),
        (["room", "x", "--id", "1\n2"], 65, "grip publish: --id contains line ends"),
        (["room", "x", "--prev-id", "\r"], 65, "grip publish: --prev-id contains line ends"),
        (["room", "x", "--meta", "=v"], 65, "--meta"),
        (["room", "x", "-H", "bad"], 65, "--header"),
        (["room", "x", "--code", "20"], 65, "--code"),
        (["room", "not json", "--patch"], 65, "JSON"),
        (
            ["room", "[\n {]", "--patch"], 65,
            "the content for --patch is no JSON patch, line 2, column 3: expected a member name"
        ),
        (["room", "{}", "--patch"], 65, "the content for --patch is no JSON patch: a JSON patch is a list"),
        (["room", "x", "--spec", "nonsense"], 65, "--spec is no GRIP URL: "),
        (["room", "x", "--spec", "tcp://127.0.0.1:5560"], 65, "ZeroMQ"),
        (["room", "x", "--spec", "ftp://s3cr3t@host"], 65, "http://"),
        (["room", "x", "-u", "s3cr3t"], 65, "--user"),
        (["room", "x", "--bus", "redis://:s3cr3t@a"], 65, "--bus names a server of Redis or Valkey"),
        (["room", "x", "--bus", "nats://a", "--bus-prefix", "a b"], 65, "--bus-prefix cannot be used"),
        (["room", "x", "--bus", "nats://a", "--spec", "http://a"], 65, "exclude each other"),
        (["room", "--content", "/does/not/exist"], 66, "/does/not/exist"),
    ]

    @Test("Each mistake has a reason and an exit code", arguments: Self.mistakes)
    func mistake(arguments: [String], status: Int32, reason: String) async throws {
        let outcome = try await GripCommand.run(["publish"] + arguments)
        #expect(outcome.status == status)
        #expect(outcome.output.contains(reason), "\(outcome.output)")
        #expect(!outcome.output.contains("s3cr3t"))
    }
}
