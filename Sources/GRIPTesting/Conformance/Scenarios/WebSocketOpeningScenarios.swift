import GRIP
import NIOCore

/// WebSocket-over-HTTP: how connections are opened, or not.
enum WebSocketOpeningScenarios {
    static let all: [GRIPConformanceScenario] = requests + acceptances + rejections + mistakes

    private static let requests: [GRIPConformanceScenario] = [
        .init("websocket.open.request", "A handshake becomes a POST with OPEN", .must) { scene in
            let page = scene.page(.webSocket())
            let fields: HeaderList = ["X-Own": "1", "Origin": "http://site.example", "Cookie": "a=1"]
            _ = try await scene.webSocket(page.path + "?q=1", fields)
            let request = try await page.request()
            try expect("the request", request.head.startLine, is: "POST \(page.path)?q=1 HTTP/1.1")
            try expect("body", request.text, is: "OPEN\r\n")
            for name in ["Accept", "Content-Type"] {
                try expect(name, request.fields.all(name), is: ["application/websocket-events"])
            }
            for line in fields.lines { try expect(line.name, request.fields[line.name], is: line.value) }
            try expect("Sec-WebSocket-Version", request.fields["Sec-WebSocket-Version"], is: "13")
            let key = request.fields["Sec-WebSocket-Key"]
            try expect("Sec-WebSocket-Key", key, is: WebSocketKey.sample)
            try expect("Sec-WebSocket-Extensions", request.fields.all("Sec-WebSocket-Extensions"), is: ["grip"])
            try expect("Upgrade", request.fields["Upgrade"], is: nil)
            let connection = request.fields.elements("Connection").map { $0.lowercased() }
            try expect("no upgrade in Connection", !connection.contains("upgrade"), observed: "\(connection)")
            try expect("Grip-Sig", request.fields["Grip-Sig"] != nil, observed: request.fields.text)
            try expect("Grip-Feature", request.fields["Grip-Feature"] != nil, observed: request.fields.text)
        },
        .init("websocket.open.meta", "A client cannot set meta, nor the connection's id", .must) { scene in
            let page = scene.page(.webSocket())
            _ = try await scene.webSocket(page.path, ["Meta-User": "forged", "Connection-Id": "forged"])
            let request = try await page.request()
            try expect("Meta headers", request.fields.names(beginningWith: "meta-"), is: [])
            let ids = request.fields.all("Connection-Id")
            try expect("one Connection-Id of the proxy", ids.count == 1 && ids != ["forged"], observed: "\(ids)")
        },
        .init("websocket.open.connection-id", "A connection keeps its id, and another has another", .must) { scene in
            let page = scene.page(.webSocket())
            let first = try await scene.webSocket(page.path)
            for number in 1...2 {
                try await first.send("\(number)")
                try await first.expect(.text("\(number)"))
            }
            _ = try await scene.webSocket(page.path)
            try await page.request(4)
            let ids = page.requests.map { $0.fields["Connection-Id"] ?? "none" }
            try expect("ids of one connection", Set(ids.prefix(3)).count, is: 1)
            try expect("ids of both", Set(ids).count, is: 2)
            try expect("an id", !ids.contains("none"), observed: "\(ids)")
        },
        .init("websocket.handshake.capitals", "The words of a handshake may have capitals", .could) { scene in
            let page = scene.page(.webSocket())
            let fields: HeaderList = [
                "UPGRADE": "WebSocket", "connection": "keep-alive, upgrade", "Sec-WebSocket-Version": "13",
                "sec-websocket-key": WebSocketKey.sample,
            ]
            let client = try await scene.begin("GET", page.path, fields)
            try expect("status", try await client.head().status, is: 101)
        },
        .init("websocket.open.repeated", "Every request has the handshake's headers and a signature", .must) { scene in
            let page = scene.page(.webSocket())
            let fields: HeaderList = ["X-Own": "1", "Cookie": "a=1", "Origin": "http://site.example"]
            let socket = try await scene.webSocket(page.path, fields)
            try await socket.send("a")
            let request = try await page.request(2)
            for line in fields.lines { try expect(line.name, request.fields[line.name], is: line.value) }
            try expect("the request", request.head.startLine, is: try await page.request().head.startLine)
            try expect("Grip-Sig", request.fields["Grip-Sig"] != nil, observed: request.fields.text)
        },
    ]

    private static let acceptances: [GRIPConformanceScenario] = [
        .init("websocket.open.answer", "Of the acceptance the client sees what is for it", .must) { scene in
            let page = scene.page(
                .webSocket([
                    "X-Own": "1", "Set-Cookie": "a=1", "Set-Meta-User": "ann", "Keep-Alive-Interval": "60",
                ])
            )
            let (_, head) = try await scene.webSocketAndHead(page.path)
            try expect("X-Own", head.fields["X-Own"], is: "1")
            try expect("Set-Cookie", head.fields["Set-Cookie"], is: "a=1")
            for name in ["Set-Meta-User", "Keep-Alive-Interval", "Sec-WebSocket-Extensions", "Content-Type"] {
                try expect(name, head.fields[name], is: nil)
            }
        },
        .init("websocket.open.subprotocol", "The client and the origin agree on a subprotocol", .must) { scene in
            let page = scene.page(.webSocket(["Sec-WebSocket-Protocol": "chat.v2"]))
            let fields: HeaderList = ["Sec-WebSocket-Protocol": "chat.v1, chat.v2"]
            let (_, head) = try await scene.webSocketAndHead(page.path, fields)
            try expect(
                "the request's",
                try await page.request().fields.elements("Sec-WebSocket-Protocol"),
                is: [
                    "chat.v1", "chat.v2",
                ]
            )
            try expect("the answer's", head.fields["Sec-WebSocket-Protocol"], is: "chat.v2")
        },
        .init("websocket.open.compression", "The origin is not asked for compression", .must) { scene in
            let page = scene.page(.webSocket())
            let (_, head) = try await scene.webSocketAndHead(
                page.path,
                ["Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"]
            )
            let name = "Sec-WebSocket-Extensions"
            try expect("the request's", try await page.request().fields.all(name), is: ["grip"])
            try expect("the answer's", head.fields[name], is: nil)
        },
        .init("websocket.open.with-messages", "Messages may come with the acceptance", .must) { scene in
            let binary = ByteBuffer(bytes: [0x6D, 0x3A, 0x00, 0xFF])
            let page = scene.page(.webSocket(opening: [.message("one"), .binary(binary), .message("three")]))
            let socket = try await scene.webSocket(page.path)
            try await socket.expect(.text("one"))
            try await socket.expect(.binary(ByteBuffer(bytes: [0x00, 0xFF])))
            try await socket.expect(.text("three"))
        },
        .init("websocket.open.length-0", "OPEN may have a content of no bytes", .could) { scene in
            let page = scene.page(.response(.rawEvents("OPEN 0\r\n\r\nTEXT 2\r\nhi\r\n")))
            let socket = try await scene.webSocket(page.path)
            try await socket.expect(.text("hi"))
        },
    ]

    private static let rejections: [GRIPConformanceScenario] =
        [302, 400, 401, 403, 404, 500].map { status in
            .init("websocket.reject.\(status)", "An origin can refuse a connection with \(status)", .must) { scene in
                let fields: HeaderList = ["Content-Type": "text/plain", "X-Why": "no", "Location": "/elsewhere"]
                let response = OriginResponse(status, fields, body: "nope\n", reason: "My Own Reason")
                let page = scene.page(.response(response))
                let answer = try await scene.rejectedWebSocket(page.path)
                try expect("the request's body", try await page.request().text, is: "OPEN\r\n")
                try expect("status", "\(answer.status) \(answer.reason)", is: "\(status) My Own Reason")
                try expect("X-Why", answer.fields["X-Why"], is: "no")
                try expect("Location", answer.fields["Location"], is: "/elsewhere")
                try expect("body", answer.text, is: "nope\n")
            }
        } + [
            .init("websocket.reject.media-type", "An answer of another media type is a refusal", .should) { scene in
                let type: HeaderList = ["Content-Type": "text/plain; charset=utf-8"]
                let page = scene.page(.response(OriginResponse(200, type, body: "OPEN\r\n")))
                try expect("status", try await scene.rejectedWebSocket(page.path).status, is: 200)
            },
            .init("websocket.open.media-type-parameters", "Events may have parameters in their type", .could) { scene in
                let type: HeaderList = ["Content-Type": "Application/WebSocket-Events; charset=utf-8"]
                let page = scene.page(.response(OriginResponse(200, type, body: "OPEN\r\nTEXT 2\r\nhi\r\n")))
                try await scene.webSocket(page.path).expect(.text("hi"))
            },
            .init("websocket.reject.hang-up", "An origin that hangs up makes a 502", .must) { scene in
                try expect("status", try await scene.rejectedWebSocket(scene.page(.hangUp).path).status, is: 502)
            },
        ]

    /// Answers to OPEN that are mistakes, each of which makes a 502.
    private static let mistakes: [GRIPConformanceScenario] =
        [
            ("empty", .should, ""),
            ("text-first", .should, "TEXT 2\r\nhi\r\n"),
            ("no-line-end", .should, "OPEN"),
            ("bad-length", .should, "OPEN\r\nTEXT zz\r\nhi\r\n"),
            ("lower-case", .could, "open\r\n"),
        ].map { (name: String, level: GRIPConformanceScenario.Level, body: String) in
            .init("websocket.open.mistake.\(name)", "\(body.debugDescription) is no acceptance", level) { scene in
                let fields: HeaderList = ["Sec-WebSocket-Extensions": "grip"]
                let page = scene.page(.response(.rawEvents(body, fields)))
                try expect("status", try await scene.rejectedWebSocket(page.path).status, is: 502)
            }
        } + [
            handshake("no-key", "Sec-WebSocket-Key", nil),
            handshake("no-version", "Sec-WebSocket-Version", nil),
            handshake("old-version", "Sec-WebSocket-Version", "8"),
        ]

    private static func handshake(_ name: String, _ field: String, _ value: String?) -> GRIPConformanceScenario {
        let change = value.map { "\(field): \($0)" } ?? "no \(field)"
        return .init("websocket.handshake.\(name)", "A handshake with \(change) is not accepted", .should) { scene in
            let page = scene.page(.webSocket())
            var fields = HeaderList()
            for line in ConformanceEnvironment.handshake.lines where line.name != field {
                fields.append(line.name, line.value)
            }
            if let value { fields.append(field, value) }
            let status = try await BadInputScenarios.status(scene) { client in
                try await client.request("GET", page.path, fields)
            }
            try expect("an error, or the connection's end", status != 101, observed: "101")
        }
    }
}
