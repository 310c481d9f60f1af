import GRIP
import NIOCore

/// WebSocket-over-HTTP: how connections end.
enum WebSocketClosingScenarios {
    static let all: [GRIPConformanceScenario] = byClient + byOrigin

    private static let byClient: [GRIPConformanceScenario] =
        [(1000, ""), (1001, "why"), (3000, "r"), (4999, "")].map { (code: UInt16, reason: String) in
            .init("websocket.close.\(code)", "A client's close with \(code) reaches the origin and back", .must) {
                scene in
                let page = scene.page(.webSocket())
                let socket = try await scene.webSocket(page.path)
                try await socket.sendClose(code, reason)
                try await socket.expect(.close(code, reason))
                try await socket.expect(.gone)
                let close = WebSocketClose(unchecked: WebSocketCloseCode(rawValue: code), reason: reason)
                try expect("the events", try await page.request(2).events, is: [.close(close)])
            }
        } + [
            .init("websocket.close.no-code", "A close without a code is an event without content", .should) { scene in
                let page = scene.page(.webSocket())
                let socket = try await scene.webSocket(page.path)
                try await socket.sendClose(nil)
                try expect("the request", try await page.request(2).text, is: "CLOSE\r\n")
            },
            .init("websocket.close.after-messages", "Messages before a close reach the origin first", .must) { scene in
                let page = scene.page(.webSocket())
                let socket = try await scene.webSocket(page.path)
                try await socket.send("last")
                try await socket.sendClose(1000)
                try await page.request("a CLOSE event") { $0.body.contains("CLOSE") }
                let events = try page.requests.flatMap { try $0.events }
                try expect("the events", events.dropFirst().first, is: .text("last"))
                try await socket.expect(.text("last"))
                try await socket.expect(.close(1000, ""))
            },
            .init("websocket.close.unanswered", "A close that the origin does not confirm ends the connection", .should)
            {
                scene in
                let page = scene.page(.webSocket(), .response(.rawEvents("")))
                let socket = try await scene.webSocket(page.path)
                try await socket.sendClose(1000)
                try await socket.expect(.gone)
            },
            .init("websocket.disconnect", "A client that is gone makes a DISCONNECT event", .must) { scene in
                let page = scene.page(.webSocket())
                let socket = try await scene.webSocket(page.path)
                socket.close()
                try expect("the request", try await page.request(2).text, is: "DISCONNECT\r\n")
            },
            .init("websocket.disconnect.opening", "So does one that is gone before it was accepted", .should) { scene in
                let gate = Watched(false)
                let page = scene.page(
                    .serving { exchange in
                        try await exchange.readBody()
                        _ = try await gate.first(within: .seconds(20)) { $0 ? true : nil }
                        try await exchange.send(.events([.open]))
                    },
                    .webSocket()
                )
                let client = try await scene.begin("GET", page.path, ConformanceEnvironment.handshake)
                try await page.request()
                client.close()
                try await scene.settle()
                gate.change { $0 = true }
                try expect("the request", try await page.request(2).text, is: "DISCONNECT\r\n")
            },
        ]

    private static let byOrigin: [GRIPConformanceScenario] = [
        .init("websocket.closed", "An origin closes with a code and a reason, after its messages", .must) { scene in
            let page = scene.page(.webSocket { _ in [.message("last"), close(4000, "done")] })
            let socket = try await scene.webSocket(page.path)
            try await socket.send("x")
            try await socket.expect(.text("last"))
            try await socket.expect(.close(4000, "done"))
            try await socket.sendClose(4000)
            try await socket.expect(.gone)
        },
        .init("websocket.closed.confirmed", "A client's confirmation of a close is not told to the origin", .should) {
            scene in
            let page = scene.page(.webSocket { _ in [close(1001, "bye")] })
            let socket = try await scene.webSocket(page.path)
            try await socket.send("x")
            try await socket.expect(.close(1001, "bye"))
            try await socket.sendClose(1001)
            try await socket.expect(.gone)
            try await scene.settle()
            try expect("the later requests' bodies", page.requests.dropFirst(2).map(\.text), is: [])
        },
        .init("websocket.closed.then-messages", "What follows a CLOSE is ignored", .should) { scene in
            let page = scene.page(.webSocket { _ in [close(4000, "done"), .message("no more")] })
            let socket = try await scene.webSocket(page.path)
            try await socket.send("x")
            try await socket.expect(.close(4000, "done"))
            try await socket.sendClose(4000)
            try await socket.expect(.gone)
        },
        .init("websocket.closed.at-once", "An origin can close with the acceptance", .must) { scene in
            let page = scene.page(.webSocket(opening: [close(1008, "")]))
            try await scene.webSocket(page.path).expect(.close(1008, ""))
        },
        .init("websocket.closed.no-code", "A close without a code reaches the client as 1000", .should) { scene in
            let page = scene.page(.webSocket { _ in [.close(nil)] })
            let socket = try await scene.webSocket(page.path)
            try await socket.send("x")
            try await socket.expect(.close(1000, ""))
        },
        .init("websocket.closed.disconnect", "A DISCONNECT of the origin cuts the connection", .should) { scene in
            let page = scene.page(.webSocket { _ in [.message("last"), .disconnect] })
            let socket = try await scene.webSocket(page.path)
            try await socket.send("x")
            // What is in flight may be lost with the connection.
            let next = try await socket.message()
            if next != .gone {
                try expect("on the WebSocket", next, is: .text("last"))
                try await socket.expect(.gone)
            }
            try await scene.settle()
            try expect("the later requests' bodies", page.requests.dropFirst(2).map(\.text), is: [])
        },
        .init("websocket.closed.then-gone", "A client that does not confirm a close makes a DISCONNECT", .should) {
            scene in
            let page = scene.page(.webSocket { _ in [close(1000, "")] })
            let socket = try await scene.webSocket(page.path)
            try await socket.send("x")
            try await socket.expect(.close(1000, ""))
            socket.close()
            try expect("the request", try await page.request(3).text, is: "DISCONNECT\r\n")
        },
    ]

    private static func close(_ code: UInt16, _ reason: String) -> WebSocketEvent {
        .close(WebSocketClose(unchecked: WebSocketCloseCode(rawValue: code), reason: reason))
    }
}
