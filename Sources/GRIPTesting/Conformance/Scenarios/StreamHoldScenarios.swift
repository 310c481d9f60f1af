import GRIP
import NIOCore

/// `Grip-Hold: stream` and what is published to it.
enum StreamHoldScenarios {
    static let all: [GRIPConformanceScenario] = beginnings + items + ends

    private static let beginnings: [GRIPConformanceScenario] = [
        .init("hold.stream.status", "The status of a held stream is the origin's", .could) { scene in
            let page = scene.page(.response(.stream(scene.channel, status: 500)))
            let client = try await scene.begin("GET", page.path)
            try expect("status", try await client.head().status, is: 500)
            try await client.body(until: "[open]\n")
            try await scene.publish(.httpStream("one\n"))
            try await client.body(until: "one\n")
        },
        .init("hold.stream.grip-status", "The status of a held stream can be set", .must) { scene in
            let page = scene.page(.response(.stream(scene.channel, ["Grip-Status": "404 Missing Thing"])))
            let client = try await scene.begin("GET", page.path)
            let head = try await client.head()
            try expect("status", "\(head.status) \(head.reason)", is: "404 Missing Thing")
            try await client.body(until: "[open]\n")
            try await scene.publish(.httpStream("one\n"))
            try await client.body(until: "one\n")
        },
        .init("hold.stream.headers", "A held stream has the origin's headers, without those of GRIP", .must) { scene in
            let fields: HeaderList = [
                "X-Own": "1", "Set-Cookie": "a=1", "Set-Cookie": "b=2", "Cache-Control": "no-cache",
                "Grip-Keep-Alive": "\\n; format=cstring; timeout=30",
            ]
            let client = try await scene.begin("GET", scene.page(.response(.stream(scene.channel, fields))).path)
            let head = try await client.head()
            try expect("Grip headers", head.fields.names(beginningWith: "grip-"), is: [])
            try expect("X-Own", head.fields["X-Own"], is: "1")
            try expect("Set-Cookie", head.fields.all("Set-Cookie"), is: ["a=1", "b=2"])
            try expect("Cache-Control", head.fields["Cache-Control"], is: "no-cache")
        },
        .init("hold.stream.empty-body", "A stream that begins empty has its head at once", .must) { scene in
            let client = try await scene.begin("GET", scene.page(.response(.stream(scene.channel, body: ""))).path)
            try expect("status", try await client.head().status, is: 200)
            try await scene.publish(.httpStream("one\n"))
            try expect("body", try await client.body(until: "one\n"), is: "one\n")
        },
        .init("hold.stream.chunked-origin", "The origin may send the beginning in chunks", .must) { scene in
            var response = OriginResponse.stream(scene.channel)
            response.framing = .chunked(3)
            let client = try await scene.stream(scene.page(.response(response)).path)
            try await scene.publish(.httpStream("one\n"))
            try expect("body", try await client.body(until: "one\n"), is: "[open]\none\n")
        },
        .init("hold.stream.large-beginning", "A stream may begin with 60 kB", .must) { scene in
            let body = String(repeating: "y", count: 60_000) + "[open]\n"
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel, body: body))).path)
            try await scene.publish(.httpStream("one\n"))
            try expect("body", try await client.body(until: "one\n"), is: body + "one\n")
        },
        .init("hold.stream.post", "Any request can be held, with its body", .must) { scene in
            let page = scene.page(.response(.stream(scene.channel)))
            let client = try await scene.begin("POST", page.path, body: "abc")
            _ = try await client.head()
            try await client.body(until: "[open]\n")
            try expect("the request's body", try await page.request().text, is: "abc")
            try await scene.publish(.httpStream("one\n"))
            try await client.body(until: "one\n")
        },
        .init("hold.stream.http-1-0", "A stream for HTTP/1.0 has no chunks", .should) { scene in
            let page = scene.page(.response(.stream(scene.channel)))
            let client = try await scene.connect()
            try await client.send("GET \(page.path) HTTP/1.0\r\nHost: a\r\n\r\n")
            let head = try await client.head()
            try expect("no chunks", !head.isChunked, observed: head.fields.text)
            try await client.body(until: "[open]\n")
            try await scene.publish(GRIPItem(.httpStream("one\n")), GRIPItem(.httpStreamClose))
            try expect("body", String(buffer: try await client.rest()), is: "[open]\none\n")
        },
    ]

    private static let items: [GRIPConformanceScenario] = [
        .init("hold.stream.publish", "A held stream begins with the origin's body and goes on with items", .must) {
            scene in
            let client = try await scene.begin("GET", scene.page(.response(.stream(scene.channel))).path)
            let head = try await client.head()
            try expect("status", head.status, is: 200)
            try expect("Content-Type", head.fields["Content-Type"], is: "text/plain")
            try expect("Content-Length", head.fields["Content-Length"], is: nil)
            try expect("chunks", head.isChunked, observed: head.fields.text)
            try await client.body(until: "[open]\n")
            try await scene.publish(.httpStream("one\n"))
            try await client.body(until: "one\n")
            try await scene.publish(.httpStream("two\n"))
            try expect("body", try await client.body(until: "two\n"), is: "[open]\none\ntwo\n")
        },
        .init("hold.stream.binary", "Content may be any bytes", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            let bytes = ByteBuffer(bytes: (0...255).map { UInt8($0) })
            try await scene.publish(.httpStream(.binary(bytes)))
            let body = try await client.body(ofAtLeast: 7 + 256)
            try expect("the same bytes", body.contains(bytes), observed: body.excerpt)
        },
        .init("hold.stream.unicode", "Text is UTF-8", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(formats: #""http-stream":{"content":"h\u00e9llo \ud83c\udf89 é\n"}"#)
            try await client.body(until: "h\u{e9}llo \u{1F389} é\n")
        },
        .init("hold.stream.empty-item", "An item without content writes nothing", .should) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(.httpStream(""))
            try await scene.publish(.httpStream("one\n"))
            try expect("body", try await client.body(until: "one\n"), is: "[open]\none\n")
        },
        .init("hold.stream.order", "The items of a publish arrive in order", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            let items = (1...50).map { #"{"channel":"\#(scene.channel)","http-stream":{"content":"\#($0),"}}"# }
            try await scene.publish(body: #"{"items":[\#(items.joined(separator: ","))]}"#)
            let expected = "[open]\n" + (1...50).map { "\($0)," }.joined()
            try expect("body", try await client.body(until: "50,"), is: expected)
        },
        .init("hold.stream.large-item", "An item may have 900 kB", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            let content = String(repeating: "x", count: 900_000) + "END"
            try await scene.publish(.httpStream(.text(content)))
            try expect("bytes", try await client.body(ofAtLeast: 7 + 900_003).readableBytes, is: 7 + 900_003)
        },
        .init("hold.stream.other-formats", "Items without http-stream do not reach a stream", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(.httpResponse("no\n"))
            try await scene.publish(.webSocketMessage("no\n"))
            try await scene.publish(.httpStream("yes\n"))
            try expect("body", try await client.body(until: "yes\n"), is: "[open]\nyes\n")
        },
        .init("hold.stream.other-channels", "Items of other channels do not reach a stream", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            for other in ["\(scene.channel)x", String(scene.channel.dropLast()), scene.channel.uppercased()] {
                try await scene.publish(.httpStream("no\n"), to: other)
            }
            try await scene.publish(.httpStream("yes\n"))
            try expect("body", try await client.body(until: "yes\n"), is: "[open]\nyes\n")
        },
        .init("hold.stream.fan-out", "An item reaches all streams of its channel", .must) { scene in
            let page = scene.page(.response(.stream(scene.channel)))
            var clients: [ClientConnection] = []
            for _ in 1...20 { clients.append(try await scene.stream(page.path)) }
            try await scene.publish(.httpStream("all\n"))
            for client in clients { try await client.body(until: "all\n") }
        },
        .init("hold.stream.ignored-actions", "A hint without a next link, and a refresh, do nothing", .should) {
            scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(.httpStreamHint)
            try await scene.publish(.httpStream("one\n"))
            try expect("body", try await client.body(until: "one\n"), is: "[open]\none\n")
        },
    ]

    private static let ends: [GRIPConformanceScenario] = [
        .init("hold.stream.close", "The close action ends a stream after the items before it", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(GRIPItem(.httpStream("last\n")), GRIPItem(.httpStreamClose))
            try expect("body", String(buffer: try await client.rest()), is: "[open]\nlast\n")
        },
        .init("hold.stream.after-close", "After the end of a stream the connection serves the next request", .should) {
            scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(.httpStreamClose)
            try await client.rest()
            let next = scene.page(.response(OriginResponse(body: "next")), named: "next")
            try await client.request("GET", next.path)
            try expect("body", try await client.response().text, is: "next")
        },
        .init("hold.stream.slow-reader", "A client that does not read does not keep others waiting", .must) { scene in
            let page = scene.page(.response(.stream(scene.channel)))
            let slow = try await scene.stream(page.path)
            try await slow.stream.setReading(false)
            let client = try await scene.stream(page.path)
            let content = String(repeating: "x", count: 200_000)
            for number in 1...30 { try await scene.publish(.httpStream(.text("\(content)\(number),"))) }
            try await client.body(until: "30,")
        },
        .init("hold.stream.client-gone", "A client that leaves does not disturb others", .must) { scene in
            let page = scene.page(.response(.stream(scene.channel)))
            for _ in 1...3 { try await scene.stream(page.path).close() }
            for _ in 1...3 { try await scene.publish(.httpStream("to nobody\n")) }
            try await scene.settle()
            let client = try await scene.stream(page.path)
            try await scene.publish(.httpStream("one\n"))
            try expect("body", try await client.body(until: "one\n"), is: "[open]\none\n")
        },
    ]
}
