import GRIP
import NIOCore

/// `ws-message`: what can be published to WebSockets.
enum WebSocketPublishScenarios {
    static let all: [GRIPConformanceScenario] =
        [
            ("text", .must, #"{"content":"hé"}"#, .text("hé")),
            ("binary", .must, #"{"content-bin":"AQID"}"#, .binary(ByteBuffer(bytes: [1, 2, 3]))),
            ("text-from-base64", .must, #"{"type":"text","content-bin":"dGV4dA=="}"#, .text("text")),
            ("binary-from-text", .must, #"{"type":"binary","content":"text"}"#, .binary(ByteBuffer(string: "text"))),
            ("empty", .should, #"{"content":""}"#, .text("")),
            ("ping", .should, #"{"type":"ping","content":"p"}"#, .ping("p")),
            ("pong", .should, #"{"type":"pong","content":"p"}"#, .pong("p")),
            ("ping-empty", .should, #"{"type":"ping"}"#, .ping("")),
            ("close-code", .must, #"{"action":"close","code":4001,"reason":"bye"}"#, .close(4001, "bye")),
            ("close", .should, #"{"action":"close"}"#, .close(1000, "")),
        ].map { (name: String, level: GRIPConformanceScenario.Level, json: String, message: SocketMessage) in
            .init("websocket.publish.\(name)", "The item \(json) arrives as \(message)", level) { scene in
                let socket = try await scene.subscribedWebSocket(scene.page(.subscribing(scene.channel)))
                try await scene.publish(formats: #""ws-message":\#(json)"#)
                try await socket.expect(message, within: .seconds(4))
            }
        } + others

    private static let others: [GRIPConformanceScenario] = [
        .init("websocket.publish.close-tells-origin", "An origin is told that its client is closed", .should) { scene in
            let page = scene.page(.subscribing(scene.channel))
            let socket = try await scene.subscribedWebSocket(page)
            try await scene.publish(.webSocketClose())
            try await socket.expect(.close(1000, ""))
            try expect("the request", try await page.request(2).text, is: "CLOSE\r\n")
        },
        .init("websocket.publish.after-close", "Nothing is delivered after a close", .must) { scene in
            let socket = try await scene.subscribedWebSocket(scene.page(.subscribing(scene.channel)))
            try await scene.publish(
                GRIPItem(.webSocketMessage("last")),
                GRIPItem(.webSocketClose()),
                GRIPItem(.webSocketMessage("no"))
            )
            try await socket.expect(.text("last"))
            try await socket.expect(.close(1000, ""))
            try await socket.sendClose(1000)
            try await socket.expect(.gone)
        },
        .init("websocket.publish.order", "The items of a publish arrive in order", .must) { scene in
            let socket = try await scene.subscribedWebSocket(scene.page(.subscribing(scene.channel)))
            let items = (1...50).map { #"{"channel":"\#(scene.channel)","ws-message":{"content":"\#($0)"}}"# }
            try await scene.publish(body: #"{"items":[\#(items.joined(separator: ","))]}"#)
            for number in 1...50 { try await socket.expect(.text("\(number)")) }
        },
        .init("websocket.publish.large", "A message of 50 kB arrives whole", .must) { scene in
            let socket = try await scene.subscribedWebSocket(scene.page(.subscribing(scene.channel)))
            let text = String(repeating: "w", count: 50_000)
            try await scene.publish(.webSocketMessage(.text(text)))
            try await socket.expect(.text(text))
        },
        .init("websocket.publish.prefix", "Published messages need no prefix", .must) { scene in
            let socket = try await scene.subscribedWebSocket(scene.page(.subscribing(scene.channel)))
            try await scene.publish(.webSocketMessage("m:as it is"))
            try await scene.publish(.webSocketMessage("c:as it is"))
            try await socket.expect(.text("m:as it is"))
            try await socket.expect(.text("c:as it is"))
        },
        .init("websocket.publish.ignored", "Hints and other formats do nothing", .should) { scene in
            let socket = try await scene.subscribedWebSocket(scene.page(.subscribing(scene.channel)))
            try await scene.publish(.httpStream("no"))
            try await scene.publish(.httpResponse("no"))
            try await scene.publish(formats: #""ws-message":{"action":"hint"}"#)
            try await scene.publish(.webSocketMessage("yes"))
            try await socket.expect(.text("yes"))
        },
        .init("websocket.publish.fan-out", "A message reaches all clients of its channel", .must) { scene in
            let page = scene.page(.subscribing(scene.channel))
            var sockets: [WebSocketPeer] = []
            for index in 0..<10 {
                // The others would receive what shows that one of them is subscribed.
                let own = "\(scene.channel)-\(index)"
                page.answer([.webSocket(opening: [.subscribe(scene.channel), .subscribe(own)])])
                let socket = try await scene.webSocket(page.path)
                try await scene.synchronize(socket, on: own)
                sockets.append(socket)
            }
            try await scene.publish(.webSocketMessage("all"))
            for socket in sockets { try await socket.expect(.text("all")) }
        },
        .init("websocket.publish.duplicate", "An id is delivered once", .must) { scene in
            let socket = try await scene.subscribedWebSocket(scene.page(.subscribing(scene.channel)))
            for _ in 1...3 { try await scene.publish(GRIPItem(.webSocketMessage("1"), id: "1")) }
            try await scene.publish(GRIPItem(.webSocketMessage("2"), id: "2"))
            try await socket.expect(.text("1"))
            try await socket.expect(.text("2"))
        },
    ]
}
