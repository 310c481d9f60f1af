import GRIP
import NIOCore

/// WebSockets to origins that speak WebSocket themselves.
enum NativeWebSocketScenarios {
    static let all: [GRIPConformanceScenario] = handshakes + passing + grip

    private static let handshakes: [GRIPConformanceScenario] = [
        .init("native.handshake", "The handshake reaches the origin with the proxy's headers", .must) { scene in
            let page = served(scene, ["Sec-WebSocket-Protocol": "b", "X-Origin": "1"]) { _ in }
            let fields: HeaderList = [
                "Sec-WebSocket-Protocol": "a, b", "Sec-WebSocket-Extensions": "permessage-deflate", "Cookie": "c=1",
                "Grip-Sig": "forged",
            ]
            let (_, head) = try await scene.webSocketAndHead(page.path + "?q", fields)
            let request = try await page.request()
            try expect("the request", request.head.startLine, is: "GET \(page.path)?q HTTP/1.1")
            try expect("Sec-WebSocket-Extensions", request.fields.all("Sec-WebSocket-Extensions"), is: ["grip"])
            try expect("Sec-WebSocket-Protocol", request.fields.elements("Sec-WebSocket-Protocol"), is: ["a", "b"])
            try expect("Cookie", request.fields["Cookie"], is: "c=1")
            let signature = request.fields["Grip-Sig"]
            try expect("its own signature", signature != nil && signature != "forged", observed: signature ?? "none")
            try expect("the chosen subprotocol", head.fields["Sec-WebSocket-Protocol"], is: "b")
            try expect("X-Origin", head.fields["X-Origin"], is: "1")
            try expect("the answer's extensions", head.fields["Sec-WebSocket-Extensions"], is: nil)
        },
        .init("native.rejected", "A refusal reaches the client", .must) { scene in
            let page = scene.page(.response(OriginResponse(401, body: "no\n")), under: "/native")
            let response = try await scene.rejectedWebSocket(page.path)
            try expect("status", response.status, is: 401)
            try expect("body", response.text, is: "no\n")
        },
        .init("native.rejected.headers", "A refusal keeps its reason and headers", .should) { scene in
            let fields: HeaderList = ["WWW-Authenticate": "Basic"]
            let refusal = OriginResponse(401, fields, body: "no\n", reason: "My Own")
            let page = scene.page(.response(refusal), under: "/native")
            let response = try await scene.rejectedWebSocket(page.path)
            try expect("status", "\(response.status) \(response.reason)", is: "401 My Own")
            try expect("WWW-Authenticate", response.fields["WWW-Authenticate"], is: "Basic")
        },
        .init("native.hang-up", "An origin that hangs up makes a 502", .must) { scene in
            let page = scene.page(.hangUp, under: "/native")
            try expect("status", try await scene.rejectedWebSocket(page.path).status, is: 502)
        },
        .init("native.plain", "Plain requests on the route are served", .must) { scene in
            let page = scene.page(.response(OriginResponse(body: "plain")), under: "/native")
            try expect("body", try await scene.fetch("GET", page.path).text, is: "plain")
        },
    ]

    private static let passing: [GRIPConformanceScenario] = [
        .init("native.passing", "Without the extension all messages pass both ways", .must) { scene in
            let page = served(scene) { socket in
                for text in ["c:{}", "m:x", "bare"] { try await socket.send(text) }
                try await echo(socket)
            }
            let socket = try await scene.webSocket(page.path)
            for text in ["c:{}", "m:x", "bare"] { try await socket.expect(.text(text)) }
            for text in ["hello", "c:hello", ""] {
                try await socket.send(text)
                try await socket.expect(.text(text))
            }
            let bytes = ByteBuffer.pattern(20_000)
            try await socket.send(SocketFrame(SocketFrame.binary, bytes: bytes))
            try await socket.expect(.binary(bytes))
        },
        .init("native.large", "Messages of 150 kB pass both ways", .must) { scene in
            let page = served(scene) { try await echo($0) }
            let socket = try await scene.webSocket(page.path)
            let bytes = ByteBuffer.pattern(150_000)
            try await socket.send(SocketFrame(SocketFrame.binary, bytes: bytes))
            try await socket.expect(.binary(bytes))
        },
        .init("native.fragments", "Fragmented messages pass both ways", .must) { scene in
            let page = served(scene) { socket in
                try await socket.send(SocketFrame(SocketFrame.text, "ab", isFinal: false))
                try await socket.send(SocketFrame(SocketFrame.continuation, "cd"))
                try await echo(socket)
            }
            let socket = try await scene.webSocket(page.path)
            try await socket.expect(.text("abcd"))
            try await socket.send(SocketFrame(SocketFrame.text, "ef", isFinal: false))
            try await socket.send(SocketFrame(SocketFrame.continuation, "gh"))
            try await socket.expect(.text("efgh"))
        },
        .init("native.ping", "Pings pass to the other side, which answers", .must) { scene in
            let page = served(scene) { try await echo($0) }
            let socket = try await scene.webSocket(page.path)
            try await socket.send(SocketFrame(SocketFrame.ping, "data"))
            let next = try await socket.message()
            guard case .pong = next else { throw GRIPConformanceFailure(expected: "a pong", observed: "\(next)") }
        },
        .init("native.ping.payload", "Pings keep their payload, in both directions", .should) { scene in
            let page = served(scene) { socket in
                try await socket.send(SocketFrame(SocketFrame.ping, "from origin"))
                try await echo(socket)
            }
            let socket = try await scene.webSocket(page.path)
            try await socket.expect(.ping("from origin"))
            try await socket.send(SocketFrame(SocketFrame.ping, "data"))
            try await socket.expect(.pong("data"))
        },
        .init("native.close", "A client's close reaches the origin, and its answer the client", .must) { scene in
            let page = served(scene) { try await echo($0) }
            let socket = try await scene.webSocket(page.path)
            try await socket.sendClose(4000, "zz")
            try await socket.expect(.close(4000, "zz"))
        },
        .init("native.closed", "An origin's close reaches the client", .must) { scene in
            let page = served(scene) { socket in
                try await socket.sendClose(4001, "done")
                _ = try await socket.message()
            }
            try await scene.webSocket(page.path).expect(.close(4001, "done"))
        },
        .init("native.client-gone", "An origin notices that a client is gone", .must) { scene in
            let isEnded = Watched(false)
            let page = served(scene) { socket in
                while try await socket.message() != .gone {}
                isEnded.change { $0 = true }
            }
            let socket = try await scene.webSocket(page.path)
            socket.close()
            let end = try await isEnded.first(within: scene.patience) { $0 ? true : nil }
            try expect("the end of the origin's connection", end, is: true)
        },
    ]

    private static let grip: [GRIPConformanceScenario] = [
        .init("native.grip.prefix", "With the extension the prefix is taken off", .must) { scene in
            let page = served(scene, ["Sec-WebSocket-Extensions": "grip"]) { socket in
                try await socket.send("bare")
                try await socket.send("m:hello")
                try await socket.send(SocketFrame(SocketFrame.text, "m:fr", isFinal: false))
                try await socket.send(SocketFrame(SocketFrame.continuation, "ag"))
                try await echo(socket)
            }
            let socket = try await scene.webSocket(page.path)
            try await socket.expect(.text("hello"))
            try await socket.expect(.text("frag"))
            try await socket.send("m:from client")
            try await socket.expect(.text("from client"))
        },
        .init("native.grip.subscribe", "With the extension an origin can subscribe its client", .must) { scene in
            let page = served(scene, ["Sec-WebSocket-Extensions": "grip"]) { socket in
                try await socket.send(#"c:{"type":"subscribe","channel":"\#(scene.channel)"}"#)
                try await echo(socket)
            }
            let socket = try await scene.subscribedWebSocket(page)
            try await scene.publish(.webSocketMessage("hi"))
            try await socket.expect(.text("hi"))
            let text = String(repeating: "w", count: 50_000)
            try await scene.publish(.webSocketMessage(.text(text)))
            try await socket.expect(.text(text))
        },
        .init("native.grip.control-fragments", "A control message in fragments is swallowed", .could) { scene in
            let page = served(scene, ["Sec-WebSocket-Extensions": "grip"]) { socket in
                try await socket.send(SocketFrame(SocketFrame.text, "c:{", isFinal: false))
                try await socket.send(SocketFrame(SocketFrame.continuation, "}m:no"))
                try await socket.send("m:yes")
                try await echo(socket)
            }
            try await scene.webSocket(page.path).expect(.text("yes"))
        },
        .init("native.grip.control-from-client", "A client's messages are never for the proxy", .must) { scene in
            let page = served(scene, ["Sec-WebSocket-Extensions": "grip"]) { socket in
                let message = try await socket.message()
                try await socket.send("m:\(message)")
                try await echo(socket)
            }
            let socket = try await scene.webSocket(page.path)
            try await socket.send("c:x")
            try await socket.expect(.text("text “c:x”"))
        },
        .init("native.grip.close", "A publish can close the client", .should) { scene in
            let page = served(scene, ["Sec-WebSocket-Extensions": "grip"]) { socket in
                try await socket.send(#"c:{"type":"subscribe","channel":"\#(scene.channel)"}"#)
                try await echo(socket)
            }
            let socket = try await scene.subscribedWebSocket(page)
            try await scene.publish(formats: #""ws-message":{"action":"close","code":4001,"reason":"bye"}"#)
            try await socket.expect(.close(4001, "bye"))
        },
    ]

    private static func served(
        _ scene: ConformanceEnvironment,
        _ fields: HeaderList = [:],
        _ serve: @escaping @Sendable (WebSocketPeer) async throws -> Void
    ) -> OriginPage {
        scene.page(.serving { try await serve($0.acceptWebSocket(fields)) }, under: "/native")
    }

    /// Sends everything back, answers pings and closes, until the end.
    private static func echo(_ socket: WebSocketPeer) async throws {
        while true {
            switch try await socket.message() {
            case .text(let text): try await socket.send(text)
            case .binary(let data): try await socket.send(SocketFrame(SocketFrame.binary, bytes: data))
            case .ping(let text): try await socket.send(SocketFrame(SocketFrame.pong, text))
            case .pong: continue
            case .close(let code, let reason): return try await socket.sendClose(code, reason)
            case .gone: return
            }
        }
    }
}
