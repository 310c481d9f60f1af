import GRIP
import NIOCore

/// What an origin tells the proxy on a WebSocket (`c:`), and what it leaves to the client.
enum WebSocketControlScenarios {
    static let all: [GRIPConformanceScenario] = prefixes + subscriptions + timers + others

    private static let prefixes: [GRIPConformanceScenario] = [
        .init("websocket.prefix.dropped", "Messages without the prefix are dropped", .must) { scene in
            let page = scene.page(.webSocket(opening: [.text("bare"), .text("M:no"), .message("seen")]))
            try await scene.webSocket(page.path).expect(.text("seen"))
        },
        .init("websocket.prefix.none", "Without the extension all messages are for the client", .must) { scene in
            let page = scene.page(.webSocket(opening: [.control("{}"), .message("x"), .text("bare")], usesGRIP: false))
            let socket = try await scene.webSocket(page.path)
            for text in ["c:{}", "m:x", "bare"] { try await socket.expect(.text(text)) }
        },
        prefix("own", "grip; message-prefix=\"p;\"", [.text("m:no"), .text("p;yes")], "yes"),
        prefix("own-token", "grip; message-prefix=P", [.text("m:no"), .text("Pyes")], "yes"),
        prefix("empty", "grip; message-prefix=\"\"", [.control("{}"), .text("m:yes")], "m:yes"),
        prefix("control-first", "grip; message-prefix=\"c:\"", [.control("{}"), .binary(.init(string: "c:b"))], nil),
        prefix("among-others", "x-other; a=b, grip", [.text("no"), .message("yes")], "yes"),
        prefix("no-value", "grip; message-prefix=", [.text("m:yes")], "m:yes"),
        prefix("capitals", "GRIP", [.text("m:yes")], "m:yes"),
    ]

    private static func prefix(
        _ name: String,
        _ header: String,
        _ events: [WebSocketEvent],
        _ text: String?
    ) -> GRIPConformanceScenario {
        let title = "What Sec-WebSocket-Extensions \"\(header)\" makes of messages"
        let level: GRIPConformanceScenario.Level = ["no-value", "capitals"].contains(name) ? .could : .should
        return .init("websocket.prefix.\(name)", title, level) { scene in
            let fields: HeaderList = ["Sec-WebSocket-Extensions": header]
            let page = scene.page(.webSocket(opening: events, fields, usesGRIP: false))
            let expected: SocketMessage = text.map { .text($0) } ?? .binary(ByteBuffer(string: "b"))
            try await scene.webSocket(page.path).expect(expected)
        }
    }

    private static let subscriptions: [GRIPConformanceScenario] = [
        .init("websocket.subscribe", "A subscribed client receives what is published", .must) { scene in
            let socket = try await scene.subscribedWebSocket(scene.page(.subscribing(scene.channel)))
            try await scene.publish(.webSocketMessage("hi"))
            try await socket.expect(.text("hi"))
        },
        .init("websocket.subscribe.later", "A client can be subscribed at any time", .must) { scene in
            let page = scene.page(.webSocket { _ in [.subscribe(scene.channel), .message("ok")] })
            let socket = try await scene.webSocket(page.path)
            try await socket.send("go")
            try await socket.expect(.text("ok"))
            try await scene.synchronize(socket)
        },
        .init("websocket.unsubscribe", "An unsubscribed client receives nothing more", .must) { scene in
            let other = "\(scene.channel)-other"
            let leave = WebSocketEvent.control(#"{"type":"unsubscribe","channel":"\#(scene.channel)"}"#)
            let unknown = WebSocketEvent.control(#"{"type":"unsubscribe","channel":"unknown"}"#)
            let page = scene.page(
                .webSocket(opening: [.subscribe(scene.channel), .subscribe(other)]) { event in
                    if case .text = event { [unknown, leave, .message("left")] } else { [] }
                }
            )
            let socket = try await scene.subscribedWebSocket(page)
            try await scene.synchronize(socket, on: other)
            try await socket.send("leave")
            try await socket.expect(.text("left"))
            try await scene.settle()
            try await scene.publish(.webSocketMessage("no"))
            try await scene.publish(.webSocketMessage("yes"), to: other)
            try await socket.expect(.text("yes"))
        },
        .init("websocket.subscribe.invalid", "What is no control message is ignored", .must) { scene in
            let invalid: [WebSocketEvent] = [
                .control("nope"), .control("[]"), .control("{}"), .control(#"{"type":5}"#),
                .control(#"{"type":"unheard-of"}"#), .control(#"{"type":"subscribe"}"#),
                .control(#"{"type":"subscribe","channel":""}"#), .control(#"{"type":"subscribe","channel":5}"#),
                .control(#"{"type":"keep-alive","timeout":"x"}"#), .control(""),
            ]
            let page = scene.page(.webSocket(opening: invalid + [.subscribe(scene.channel), .message("end")]))
            let socket = try await scene.webSocket(page.path)
            try await socket.expect(.text("end"))
            try await scene.synchronize(socket)
        },
        .init("websocket.subscribe.most", "The first twenty channels count", .should) { scene in
            let names = (1...22).map { "\(scene.channel)-\($0)" }
            let page = scene.page(.webSocket(opening: names.map { .subscribe($0) }))
            let socket = try await scene.webSocket(page.path)
            try await scene.synchronize(socket, on: names[19])
            for name in names.reversed() { try await scene.publish(.webSocketMessage(.text(name)), to: name) }
            for name in names.prefix(20).reversed() { try await socket.expect(.text(name)) }
        },
        .init("websocket.filters", "Filters of a subscription see the meta that was set", .must) { scene in
            let meta = WebSocketEvent.control(#"{"type":"set-meta","name":"user","value":"ann"}"#)
            let page = scene.page(.webSocket(opening: [meta, .subscribe(scene.channel, filters: ["skip-self"])]))
            let socket = try await scene.subscribedWebSocket(page)
            try await scene.publish(GRIPItem(.webSocketMessage("own"), sender: "ann"))
            try await scene.publish(GRIPItem(.webSocketMessage("other"), sender: "bob"))
            try await socket.expect(.text("other"))
        },
        .init("websocket.var-subst", "Variables in messages become the connection's meta", .should) { scene in
            let meta: [WebSocketEvent] = [
                .control(#"{"type":"set-meta","name":"user","value":"bob"}"#),
                .control(#"{"type":"set-meta","name":"q","value":"Q"}"#),
            ]
            let subscribe = WebSocketEvent.subscribe(scene.channel, filters: ["var-subst"])
            let socket = try await scene.subscribedWebSocket(scene.page(.webSocket(opening: meta + [subscribe])))
            try await scene.publish(.webSocketMessage("1 %(user)s %% %(q)s"))
            try await socket.expect(.text("1 bob % Q"))
        },
        .init("websocket.content-filters", "A message that counts on other filters is skipped", .should) { scene in
            let socket = try await scene.subscribedWebSocket(scene.page(.subscribing(scene.channel)))
            try await scene.publish(formats: #""ws-message":{"content":"no","content-filters":["var-subst"]}"#)
            try await scene.publish(.webSocketMessage("yes"))
            try await socket.expect(.text("yes"))
        },
    ]

    private static let timers: [GRIPConformanceScenario] = [
        .init("websocket.keep-alive", "A keep-alive is sent again and again", .must, isSlow: true) { scene in
            let json = #"{"type":"keep-alive","content":"KA","timeout":1}"#
            let socket = try await scene.webSocket(scene.page(.webSocket(opening: [.control(json)])).path)
            for _ in 1...2 { try await socket.expect(.text("KA")) }
        },
        .init("websocket.keep-alive.ping", "A keep-alive can be a ping", .should, isSlow: true) { scene in
            let json = #"{"type":"keep-alive","message-type":"ping","content":"KA","timeout":1}"#
            let socket = try await scene.webSocket(scene.page(.webSocket(opening: [.control(json)])).path)
            for _ in 1...2 { try await socket.expect(.ping("KA")) }
        },
        .init("websocket.keep-alive.off", "A keep-alive without content ends it", .should, isSlow: true) { scene in
            let json = #"{"type":"keep-alive","content":"KA","timeout":2}"#
            let off = #"{"type":"keep-alive"}"#
            let later = #"{"type":"send-delayed","content":"later","timeout":3}"#
            let page = scene.page(.webSocket(opening: [.control(json), .control(off), .control(later)]))
            try await scene.webSocket(page.path).expect(.text("later"))
        },
        .init("websocket.send-delayed", "A second delayed message sends the first", .could) { scene in
            let delayed = [
                #"{"type":"send-delayed","content":"first","timeout":20}"#,
                #"{"type":"send-delayed","content":"second","timeout":1}"#,
            ]
            let start = ContinuousClock.now
            let page = scene.page(.webSocket(opening: delayed.map { .control($0) }))
            let socket = try await scene.webSocket(page.path)
            try await socket.expect(.text("first"), within: .seconds(4))
            try await socket.expect(.text("second"), within: .seconds(4))
            let time = ContinuousClock.now - start
            try expect("about a second", time > .milliseconds(700), observed: "\(time)")
        },
        .init("websocket.flush-delayed", "A delayed message can be sent at once", .could) { scene in
            let page = scene.page(
                .webSocket(opening: [
                    .control(#"{"type":"send-delayed","content":"first","timeout":20}"#),
                    .control(#"{"type":"flush-delayed"}"#),
                ])
            )
            try await scene.webSocket(page.path).expect(.text("first"), within: .seconds(4))
        },
    ]

    private static let others: [GRIPConformanceScenario] = [
        .init("websocket.detach", "After a detach the origin hears no more, and the client still does", .should) {
            scene in
            let detach = WebSocketEvent.control(#"{"type":"detach"}"#)
            let page = scene.page(
                .webSocket(opening: [.subscribe(scene.channel)]) { event in
                    if case .text = event { [detach] } else { [] }
                }
            )
            let socket = try await scene.subscribedWebSocket(page)
            try await socket.send("detach me")
            try await page.request("CLOSE") { $0.text == "CLOSE\r\n" }
            let count = page.requests.count
            try await socket.send("unheard")
            try await scene.publish(.webSocketMessage("still here"))
            try await socket.expect(.text("still here"))
            try await socket.sendClose(1000)
            try await socket.expect(.close(1000, ""))
            try expect("requests after the CLOSE", page.requests.count - count, is: 0)
        }
    ]
}
