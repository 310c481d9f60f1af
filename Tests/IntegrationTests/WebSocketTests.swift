import Hummingbird
import HummingbirdGRIP
import NIOCore
import NIOHTTP1
import Testing

/// WebSockets of an application, turned into requests by the proxy in it, by `grip proxy` and by a real Pushpin.
@Suite(.serialized, .timeLimit(.minutes(5))) struct WebSocketTests {
    @Sendable private func routes(_ router: TestRouter, _ grip: GRIPOrigin) {
        router.webSocketOverHTTP("echo") { socket, _, _ in
            if socket.isOpening {
                if socket.offeredSubprotocols.contains("v2") {
                    try socket.accept(subprotocol: "v2")
                } else {
                    socket.accept()
                }
                socket.responseFields[.setCookie] = "seen=1"
                socket.subscribe(to: "test")
            }
            for message in socket.messages {
                switch message {
                case .text("bye"): try socket.close(code: WebSocketCloseCode(4001), reason: "as you wish")
                case .text("close"): socket.close()
                case .text("quiet"): socket.unsubscribe(from: "test")
                case .text("gone"): socket.disconnect()
                default: socket.send(message)
                }
            }
        }
        router.webSocketOverHTTP("count") { socket, _, _ in
            if socket.isOpening { socket.accept() }
            for _ in socket.messages {
                let count = (socket.meta["count"].flatMap { Int($0) } ?? 0) + 1
                socket.meta["count"] = count < 3 ? String(count) : nil
                socket.send("\(count)")
            }
        }
        router.webSocketOverHTTP("closed") { socket, _, _ in
            socket.reject(status: .unauthorized, body: "who are you?")
        }
        router.webSocketOverHTTP("bare", messagePrefix: .none) { socket, _, _ in
            if socket.isOpening { socket.accept() }
            for message in socket.messages { socket.send(message) }
        }
    }

    @Test(arguments: Deployment.all)
    func messagesAreEchoed(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withWebSocket(port: application.port, path: "/echo") { socket async throws in
                #expect(socket.headers["Set-Cookie"] == ["seen=1"])
                try await socket.send("hello")
                #expect(try await socket.receive() == .text("hello"))
                try await socket.send("grüße\r\nTEXT 1\r\nx\r\n")
                #expect(try await socket.receive() == .text("grüße\r\nTEXT 1\r\nx\r\n"))
                try await socket.send(binary: ByteBuffer(bytes: [0, 255, 13, 10]))
                #expect(try await socket.receive() == .binary(ByteBuffer(bytes: [0, 255, 13, 10])))
                try await socket.send("")
                #expect(try await socket.receive() == .text(""))
                for number in 0..<20 { try await socket.send("\(number)") }
                for number in 0..<20 { #expect(try await socket.receive() == .text("\(number)")) }
            }
        }
    }

    @Test(arguments: Deployment.all)
    func publishedMessagesReachAllSubscribers(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            let port = application.port
            try await withWebSocket(port: port, path: "/echo") { one async throws in
                try await withWebSocket(port: port, path: "/echo") { two async throws in
                    // An echo shows that the subscriptions before it are done.
                    for socket in [one, two] {
                        try await socket.send("ready")
                        #expect(try await socket.receive() == .text("ready"))
                    }
                    try await application.grip.publish(.webSocketMessage("news"), to: "test")
                    try await application.grip.publish(.webSocketMessage(.binary(ByteBuffer(bytes: [1]))), to: "test")
                    for socket in [one, two] {
                        #expect(try await socket.receive() == .text("news"))
                        #expect(try await socket.receive() == .binary(ByteBuffer(bytes: [1])))
                    }
                    try await one.send("quiet")
                    try await one.send("done")
                    #expect(try await one.receive() == .text("done"))
                    try await application.grip.publish(.webSocketMessage("more"), to: "test")
                    #expect(try await two.receive() == .text("more"))
                    try await one.send("still nothing")
                    #expect(try await one.receive() == .text("still nothing"))

                    let close = try WebSocketClose(WebSocketCloseCode(4002), reason: "all")
                    try await application.grip.publish(.webSocketClose(close), to: "test")
                    #expect(try await two.receive() == .close(code: 4002, reason: "all"))
                }
            }
        }
    }

    @Test(arguments: Deployment.all)
    func aPrefixIsInSubscriptionsToo(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: self.routes,
            configure: { $0.prefix = try GRIPPrefix("app-") }
        ) { application async throws in
            try await withWebSocket(port: application.port, path: "/echo") { socket async throws in
                try await socket.send("ready")
                #expect(try await socket.receive() == .text("ready"))
                try await application.grip.publish(.webSocketMessage("news"), to: "test")
                #expect(try await socket.receive() == .text("news"))
            }
        }
    }

    @Test(arguments: Deployment.all)
    func closeCodesAndReasonsTravelBothWays(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            let port = application.port
            try await withWebSocket(port: port, path: "/echo") { socket async throws in
                try await socket.send("bye")
                #expect(try await socket.receive() == .close(code: 4001, reason: "as you wish"))
            }
            try await withWebSocket(port: port, path: "/echo") { socket async throws in
                try await socket.send("close")
                #expect(try await socket.receive() == .close(code: 1000, reason: ""))
            }
            try await withWebSocket(port: port, path: "/echo") { socket async throws in
                try await socket.close(code: 4003, reason: "because")
                guard case .close(let code, _) = try await socket.receive() else {
                    Issue.record("the close was not answered")
                    return
                }
                #expect(code == 4003)
            }
            try await withWebSocket(port: port, path: "/echo") { socket async throws in
                try await socket.send("gone")
                #expect(try await socket.receive() == .disconnected)
            }
        }
    }

    @Test(arguments: Deployment.all)
    func aPingIsAnsweredWithItsPayload(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withWebSocket(port: application.port, path: "/echo") { socket async throws in
                try await socket.ping("payload")
                #expect(try await socket.receive() == .pong(ByteBuffer(string: "payload")))
            }
        }
    }

    @Test(arguments: Deployment.all)
    func metaIsRememberedBetweenRequestsAndCannotBeForged(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withWebSocket(
                port: application.port,
                path: "/count",
                headers: ["Meta-Count": "40"]
            ) { socket async throws in
                for expected in ["1", "2", "3", "1"] {
                    try await socket.send("next")
                    #expect(try await socket.receive() == .text(expected))
                }
            }
        }
    }

    @Test(arguments: Deployment.all)
    func aSubprotocolIsChosen(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            let port = application.port
            let headers: HTTPHeaders = ["Sec-WebSocket-Protocol": "v1, v2"]
            try await withWebSocket(port: port, path: "/echo", headers: headers) { socket async throws in
                #expect(socket.headers["Sec-WebSocket-Protocol"] == ["v2"])
            }
        }
    }

    @Test(arguments: Deployment.all)
    func aRejectionReachesTheClient(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            let rejection = await #expect(throws: WebSocketRejected.self) {
                try await withWebSocket(port: application.port, path: "/closed") { _ in }
            }
            #expect(rejection?.status == .unauthorized)
            #expect(rejection?.body == "who are you?")
        }
    }

    @Test(arguments: Deployment.all)
    func aMessagePrefixOfOnesOwnIsUnderstood(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withWebSocket(port: application.port, path: "/bare") { socket async throws in
                try await socket.send("m:hello")
                #expect(try await socket.receive() == .text("m:hello"))
            }
        }
    }

    @Test(arguments: Deployment.all)
    func controlMessagesAreUnderstood(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.webSocketOverHTTP("control") { socket, _, _ in
                    if socket.isOpening {
                        socket.accept()
                        socket.subscribe(to: try GRIPChannel("chat", filters: [.substituteVariables]))
                        try socket.setFilterMeta("user", to: "bob")
                        try socket.keepAlive(sending: .text("alive"), every: .seconds(1))
                    }
                }
            }
        ) { application async throws in
            try await withWebSocket(port: application.port, path: "/control") { socket async throws in
                #expect(try await socket.receive() == .text("alive"))
                try await application.grip.publish(.webSocketMessage("hello %(user)s"), to: "chat")
                var message = try await socket.receive()
                while message == .text("alive") { message = try await socket.receive() }
                #expect(message == .text("hello bob"))
            }
        }
    }
}
