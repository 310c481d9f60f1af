import GRIP

/// WebSocket-over-HTTP: what the proxy makes of the origin's answers.
enum WebSocketAnswerScenarios {
    static let all: [GRIPConformanceScenario] = answers + meta

    private static let answers: [GRIPConformanceScenario] = [
        .init("websocket.answer.several", "The events of an answer are carried out in order", .must) { scene in
            let page = scene.page(.webSocket { _ in (1...50).map { .message("\($0)") } })
            let socket = try await scene.webSocket(page.path)
            try await socket.send("x")
            for number in 1...50 { try await socket.expect(.text("\(number)")) }
        },
        .init("websocket.answer.unknown-event", "Unknown events are skipped, with their content", .should) { scene in
            try await expectAnswer("FOO 3\r\nabc\r\nBAR\r\nTEXT 4\r\nm:hi\r\n", [.text("hi")], scene)
        },
        .init("websocket.answer.capital-length", "Lengths may have capital digits", .could) { scene in
            try await expectAnswer("TEXT A\r\nm:12345678\r\n", [.text("12345678")], scene)
        },
        .init("websocket.answer.cut-off", "A content that is too short is taken as it is", .could) { scene in
            try await expectAnswer("TEXT 10\r\nm:hi\r\n", [.text("hi\r\n")], scene)
        },
        .init("websocket.answer.bad", "An answer that is not events ends the connection", .should) { scene in
            try await expectEnd(scene.page(.webSocket(), .response(.rawEvents("TEXT zz\r\nm:hi\r\n"))), scene)
        },
        .init("websocket.answer.second-open", "A second OPEN ends the connection", .should) { scene in
            try await expectEnd(scene.page(.webSocket(), .response(.rawEvents("OPEN\r\n"))), scene)
        },
        .init("websocket.answer.error", "An error of the origin ends the connection", .must) { scene in
            let page = scene.page(.webSocket(), .response(OriginResponse(500, body: "no")))
            try await expectEnd(page, scene)
        },
        .init("websocket.answer.media-type", "An answer of another media type ends the connection", .should) { scene in
            let page = scene.page(
                .webSocket(),
                .response(OriginResponse(200, ["Content-Type": "text/plain"], body: ""))
            )
            try await expectEnd(page, scene)
        },
        .init("websocket.answer.refresh", "A refresh makes the proxy ask the origin at once", .should) { scene in
            let page = scene.page(.subscribing(scene.channel))
            _ = try await scene.subscribedWebSocket(page)
            try await scene.publish(.webSocketRefresh)
            try expect("the request's body", try await page.request(2, within: .seconds(3)).text, is: "")
        },
        .init("websocket.answer.keep-alive", "An idle connection asks the origin now and then", .should, isSlow: true) {
            scene in
            let page = scene.page(.webSocket(["Keep-Alive-Interval": "1"]))
            let start = ContinuousClock.now
            _ = try await scene.webSocket(page.path)
            let request = try await page.request(2, within: .seconds(30))
            let time = ContinuousClock.now - start
            try expect("body", request.text, is: "")
            try expect("no sooner than after 20 s", time > .milliseconds(18500), observed: "\(time)")
        },
    ]

    private static func expectAnswer(
        _ body: String,
        _ messages: [SocketMessage],
        _ scene: ConformanceEnvironment
    ) async throws {
        let page = scene.page(.webSocket(), .response(.rawEvents(body)))
        let socket = try await scene.webSocket(page.path)
        try await socket.send("x")
        for message in messages { try await socket.expect(message) }
    }

    private static func expectEnd(_ page: OriginPage, _ scene: ConformanceEnvironment) async throws {
        let socket = try await scene.webSocket(page.path)
        try await socket.send("x")
        try await socket.expectEnd()
    }

    private static let meta: [GRIPConformanceScenario] = [
        .init("websocket.meta", "Meta that the origin sets comes with every later request", .must) { scene in
            let page = scene.page(
                .response(.rawEvents("OPEN\r\n", ["Set-Meta-User": "alice", "Set-Meta-Room": "1"])),
                .response(.rawEvents("TEXT 1\r\na\r\n", ["Set-Meta-User": "bob"])),
                .response(.rawEvents("TEXT 1\r\nb\r\n", ["Set-Meta-User": ""])),
                .response(.rawEvents("TEXT 1\r\nc\r\n"))
            )
            let socket = try await scene.webSocket(page.path)
            for text in ["a", "b", "c"] {
                try await socket.send("x")
                try await socket.expect(.text(text))
            }
            let users = page.requests.map { $0.fields["Meta-User"] }
            try expect("Meta-User", users, is: [nil, "alice", "bob", nil])
            try expect("Meta-Room", page.requests.map { $0.fields["Meta-Room"] }, is: [nil, "1", "1", "1"])
        },
        .init("websocket.partly-accepted", "What an origin does not accept comes again with the next message", .should)
        {
            scene in
            let page = scene.page(
                .webSocket(),
                .response(.rawEvents("TEXT 3\r\nm:1\r\n", ["Content-Bytes-Accepted": "3"])),
                .response(.rawEvents("TEXT 3\r\nm:2\r\n"))
            )
            let socket = try await scene.webSocket(page.path)
            try await socket.send("hello")
            try await socket.expect(.text("1"))
            try await socket.send("world")
            try await socket.expect(.text("2"))
            let request = try await page.request(3)
            try expect("body", request.text, is: "TEXT 2\r\nlo\r\nTEXT 5\r\nworld\r\n")
            try expect("Content-Bytes-Replayed", request.fields["Content-Bytes-Replayed"], is: "2")
        },
    ]
}
