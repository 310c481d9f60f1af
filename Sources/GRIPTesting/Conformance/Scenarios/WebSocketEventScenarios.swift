import GRIP
import NIOCore

/// WebSocket-over-HTTP: how messages become events, and events messages.
enum WebSocketEventScenarios {
    static let all: [GRIPConformanceScenario] = messages + sizes + control

    private static let messages: [GRIPConformanceScenario] = [
        .init("websocket.text", "A text message becomes a TEXT event, and the answer a message", .must) { scene in
            let page = scene.page(.webSocket())
            let socket = try await scene.webSocket(page.path)
            try await socket.send("hello")
            try await socket.expect(.text("hello"))
            try expect("the request", try await page.request(2).text, is: "TEXT 5\r\nhello\r\n")
        },
        .init("websocket.binary", "A binary message becomes a BINARY event, and the answer a message", .must) { scene in
            let page = scene.page(.webSocket())
            let socket = try await scene.webSocket(page.path)
            let bytes = ByteBuffer(bytes: [0, 1, 0xFE, 0xFF, 0x0D, 0x0A])
            try await socket.send(SocketFrame(SocketFrame.binary, bytes: bytes))
            try await socket.expect(.binary(bytes))
            try expect("the events", try await page.request(2).events, is: [.binary(bytes)])
        },
        .init("websocket.unicode", "Lengths count bytes", .must) { scene in
            let page = scene.page(.webSocket())
            let socket = try await scene.webSocket(page.path)
            try await socket.send("hé\u{1F389}")
            try await socket.expect(.text("hé\u{1F389}"))
            try expect("the request", try await page.request(2).text, is: "TEXT 7\r\nhé\u{1F389}\r\n")
        },
        .init("websocket.empty", "An empty message is an event without content", .could) { scene in
            let page = scene.page(.webSocket())
            let socket = try await scene.webSocket(page.path)
            try await socket.send("")
            try await socket.expect(.text(""))
            try expect("the request", try await page.request(2).text, is: "TEXT\r\n")
        },
        .init("websocket.batch", "What a client sends during a request comes with the next one", .must) { scene in
            let gate = Watched(false)
            let page = scene.page(
                .webSocket(),
                .serving { exchange in
                    try await exchange.readBody()
                    _ = try await gate.first(within: .seconds(20)) { $0 ? true : nil }
                    try await exchange.send(.events(exchange.request.events.flatMap(WebSocketEvent.echo)))
                },
                .webSocket()
            )
            let socket = try await scene.webSocket(page.path)
            try await socket.send("1")
            try await page.request(2)
            for number in 2...5 { try await socket.send("\(number)") }
            // Requests of others show that the proxy has read what was sent before.
            try await scene.settle()
            gate.change { $0 = true }
            for number in 1...5 { try await socket.expect(.text("\(number)")) }
            let events = (2...5).map { WebSocketEvent.text("\($0)") }
            try expect("the third request's events", try await page.request(3).events, is: events)
            try expect("requests", page.requests.count, is: 3)
        },
        .init("websocket.fragments", "The fragments of a message become one event", .must) { scene in
            let page = scene.page(.webSocket())
            let socket = try await scene.webSocket(page.path)
            try await socket.send(SocketFrame(SocketFrame.text, "ab", isFinal: false))
            try await socket.send(SocketFrame(SocketFrame.continuation, "cd", isFinal: false))
            try await socket.send(SocketFrame(SocketFrame.continuation, "ef"))
            try await socket.expect(.text("abcdef"))
            try expect("the request", try await page.request(2).text, is: "TEXT 6\r\nabcdef\r\n")
        },
    ]

    private static let sizes: [GRIPConformanceScenario] =
        [125, 126, 5_000, 20_000, 65_536, 150_000].map { size in
            .init("websocket.size.\(size)", "A message of \(size) bytes is echoed", .must) { scene in
                let socket = try await scene.webSocket(scene.page(.webSocket()).path)
                let bytes = ByteBuffer.pattern(size)
                try await socket.send(SocketFrame(SocketFrame.binary, bytes: bytes))
                try await socket.expect(.binary(bytes), within: .seconds(4))
            }
        } + [
            .init("websocket.size.to-origin", "A message of 150 kB reaches the origin", .must) { scene in
                let page = scene.page(.webSocket { [.message("\($0.contentByteCount)")] })
                let socket = try await scene.webSocket(page.path)
                try await socket.send(SocketFrame(SocketFrame.binary, bytes: .pattern(150_000)))
                try await socket.expect(.text("150000"))
            },
            .init("websocket.size.too-large", "A message of 250 kB ends the connection", .should) { scene in
                let page = scene.page(.webSocket())
                let socket = try await scene.webSocket(page.path)
                // The connection may end before all is sent.
                let frame = SocketFrame(SocketFrame.text, String(repeating: "x", count: 250_000))
                do {
                    try await socket.send(frame)
                } catch is GRIPConformanceFailure {}
                try await socket.expectEnd()
            },
            .init("websocket.size.answer-too-large", "An answer of more than a megabyte ends the connection", .should) {
                scene in
                let content = String(repeating: "x", count: 1_000_010)
                let page = scene.page(.webSocket { _ in [.message(content)] })
                let socket = try await scene.webSocket(page.path)
                try await socket.send("x")
                try await socket.expectEnd()
            },
        ]

    private static let control: [GRIPConformanceScenario] = [
        .init("websocket.ping", "A ping becomes a PING event, which the origin answers", .must) { scene in
            let page = scene.page(.webSocket())
            let socket = try await scene.webSocket(page.path)
            try await socket.send(SocketFrame(SocketFrame.ping, "pp"))
            try await socket.expect(.pong("pp"))
            try expect("the request", try await page.request(2).text, is: "PING 2\r\npp\r\n")
        },
        .init("websocket.ping.empty", "A ping without payload is an event without content", .must) { scene in
            let page = scene.page(.webSocket())
            let socket = try await scene.webSocket(page.path)
            try await socket.send(SocketFrame(SocketFrame.ping))
            try await socket.expect(.pong(""))
            try expect("the request", try await page.request(2).text, is: "PING\r\n")
        },
        .init("websocket.pong", "A pong becomes a PONG event", .must) { scene in
            let page = scene.page(.webSocket())
            let socket = try await scene.webSocket(page.path)
            try await socket.send(SocketFrame(SocketFrame.pong, "un"))
            try expect("the request", try await page.request(2).text, is: "PONG 2\r\nun\r\n")
        },
        .init("websocket.ping-from-origin", "A PING event reaches the client", .must) { scene in
            let page = scene.page(.webSocket(opening: [.ping(ByteBuffer(string: "o"))]))
            let socket = try await scene.webSocket(page.path)
            try await socket.expect(.ping("o"))
        },
        .init("websocket.ping-between-fragments", "A ping between fragments does no harm", .should) { scene in
            let page = scene.page(.webSocket())
            let socket = try await scene.webSocket(page.path)
            try await socket.send(SocketFrame(SocketFrame.text, "ab", isFinal: false))
            try await socket.send(SocketFrame(SocketFrame.ping, "p"))
            try await socket.send(SocketFrame(SocketFrame.continuation, "cd"))
            let received = Set([try await socket.message(), try await socket.message()])
            try expect("messages", received, is: [.pong("p"), .text("abcd")])
        },
    ]

}
