import GRIP
import NIOCore

/// WebSocket-over-HTTP: how a client's connection becomes requests with events.
enum WebSocketEventScenarios {
    static let all: [GRIPConformanceScenario] = [
        .init("websocket.events.text", "A text message becomes a TEXT event, and the answer's becomes one", .must) {
            let page = $0.page(.webSocket())
            let socket = try await $0.webSocket(page.path)
            try await socket.send("hello")
            try await socket.expect(.text("hello"))
            try expect("the first request", try await page.request().text, is: "OPEN\r\n")
            try expect("the second request", try await page.request(2).text, is: "TEXT 5\r\nhello\r\n")
        },
        .init("websocket.events.subscribe", "A subscribed client receives what is published", .must) {
            let page = $0.page(.subscribing($0.channel))
            let socket = try await $0.subscribedWebSocket(page)
            try await $0.publish(.webSocketMessage("hi"))
            try await socket.expect(.text("hi"))
        },
    ]
}
