import GRIP

/// Clients that send what they must not.
enum BadInputScenarios {
    static let all: [GRIPConformanceScenario] = heads + frames + others

    /// Heads that are errors: each gets a 4xx or the end of the connection, and others are served.
    private static let heads: [GRIPConformanceScenario] =
        [
            ("garbage", "\u{0}\u{1}\u{2}\u{3}\r\n\r\n"),
            ("no-version", "GET /\r\n\r\n"),
            ("version", "GET / HTTP/9.9\r\nHost: a\r\n\r\n"),
            ("space-in-target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("header-name", "GET / HTTP/1.1\r\nHost: a\r\nb@d name: x\r\n\r\n"),
            ("no-colon", "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"),
            ("nul", "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n"),
            ("length-text", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n"),
            ("length-negative", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
            ("head-too-large", "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "v", count: 60_000))\r\n\r\n"),
            ("too-many-headers", "GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: v\r\n", count: 5000))\r\n"),
        ].map { (name: String, text: String) in
            .init("bad-input.\(name)", "A bad request gets an error, and others are served", .must) { scene in
                let status = try await status(scene) { try await $0.send(text) }
                // A version that nobody knows may be told as what it is (RFC 9110 section 15.6.6).
                let isError = (400..<500).contains(status ?? 400) || (name == "version" && status == 505)
                try expect("an error or the end", isError, observed: "\(status ?? 0)")
                try await expectService(scene)
            }
        }

    private static let frames: [GRIPConformanceScenario] =
        [
            ("reserved-bit", frame { $0.reserved = 0x40 }),
            ("reserved-opcode", SocketFrame(0x3, "x")),
            ("continuation", SocketFrame(SocketFrame.continuation, "x")),
            ("long-ping", SocketFrame(SocketFrame.ping, String(repeating: "x", count: 126))),
            ("fragmented-ping", SocketFrame(SocketFrame.ping, "x", isFinal: false)),
        ].map { (name: String, frame: SocketFrame) in
            .init("bad-input.frame.\(name)", "A bad frame does not disturb others", .should) { scene in
                let page = scene.page(.webSocket())
                try await scene.webSocket(page.path).send(frame)
                try await expectEcho(page, scene)
            }
        } + [
            .init("bad-input.frame.unmasked", "A frame without a mask does not disturb others", .should) { scene in
                let page = scene.page(.webSocket())
                try await scene.webSocket(page.path).stream.send(SocketFrame(SocketFrame.text, "x").encode())
                try await expectEcho(page, scene)
            }
        ]

    private static let others: [GRIPConformanceScenario] = [
        .init("bad-input.chunk-size", "A bad chunk does not reach the origin as a request", .must) { scene in
            let page = scene.page(.computed { OriginResponse(bytes: $0.body) })
            let status = try await status(scene) { client in
                try await client.request("POST", page.path, ["Transfer-Encoding": "chunked"])
                try await client.send("zz\r\nabc\r\n0\r\n\r\n")
            }
            try expect("an error or the end", (400..<600).contains(status ?? 400), observed: "\(status ?? 0)")
            try await expectService(scene)
        },
        .init("bad-input.left-early", "Clients that leave in the middle of a head leave nothing behind", .must) {
            scene in
            for _ in 1...20 {
                let client = try await scene.connect()
                try await client.send("GET / HT")
                client.close()
            }
            try await expectService(scene)
        },
        .init("bad-input.left-in-body", "Clients that leave in the middle of a body leave nothing behind", .must) {
            scene in
            let page = scene.page(.response(OriginResponse(body: "fine")))
            for _ in 1...5 {
                let client = try await scene.connect()
                try await client.request("POST", page.path, ["Content-Length": "100000"])
                try await client.send("abc")
                client.close()
            }
            try await expectService(scene)
        },
    ]

    /// The status of the answer, or nothing where the connection ends without one.
    static func status(
        _ scene: ConformanceEnvironment,
        _ send: (ClientConnection) async throws -> Void
    ) async throws -> Int? {
        let client = try await scene.connect()
        do {
            try await send(client)
            return try await client.head().status
        } catch is GRIPConformanceFailure {
            try await client.waitForEnd(within: .seconds(1))
            return nil
        }
    }

    private static func expectService(_ scene: ConformanceEnvironment) async throws {
        let page = scene.page(.response(OriginResponse(body: "fine")), named: "after")
        try expect("body for the next", try await scene.fetch("GET", page.path).text, is: "fine")
    }

    private static func expectEcho(_ page: OriginPage, _ scene: ConformanceEnvironment) async throws {
        let other = try await scene.webSocket(page.path)
        try await other.send("ok")
        try await other.expect(.text("ok"))
    }

    private static func frame(_ change: (inout SocketFrame) -> Void) -> SocketFrame {
        var frame = SocketFrame(SocketFrame.text, "x")
        change(&frame)
        return frame
    }
}
