import GRIP
import NIOCore

/// What the proxy makes of `Grip-…` headers of a response.
enum InstructHeaderScenarios {
    static let all: [GRIPConformanceScenario] = withoutHold + holds + large

    private static let withoutHold: [GRIPConformanceScenario] =
        [
            .init("instruct.header.removed", "Grip headers without a hold are removed, and nothing else", .must) {
                scene in
                let fields: HeaderList = [
                    "Grip-Foo": "bar", "grip-channel": scene.channel, "ETag": "\"e\"", "Set-Cookie": "a=1",
                    "Set-Cookie": "b=2",
                ]
                let page = scene.page(.response(OriginResponse(200, fields, body: "hello world")))
                let response = try await scene.fetch("GET", page.path)
                try expect("Grip headers", response.fields.names(beginningWith: "grip-"), is: [])
                try expect("ETag", response.fields["ETag"], is: "\"e\"")
                try expect("Set-Cookie", response.fields.all("Set-Cookie"), is: ["a=1", "b=2"])
                try expect("Content-Length", response.fields.all("Content-Length"), is: ["11"])
                try expect("body", response.text, is: "hello world")
            },
            status("404", 404, "Not Found", .must),
            status("404 Nothing To See Here", 404, "Nothing To See Here", .must),
            status("304", 304, "Not Modified", .must),
            status("499", 499, "Undefined Reason", .could),
            .init("instruct.expose", "Only exposed headers reach the client", .should) { scene in
                let fields: HeaderList = ["X-A": "1", "X-B": "2", "Grip-Expose-Headers": "x-a, Content-Type"]
                let page = scene.page(.response(.stream(scene.channel, fields)))
                let client = try await scene.begin("GET", page.path)
                let head = try await client.head()
                try expect("X-A", head.fields["X-A"], is: "1")
                try expect("X-B", head.fields["X-B"], is: nil)
                try expect("Content-Type", head.fields["Content-Type"], is: "text/plain")
            },
            .init("instruct.link-without-parameters", "A link without a relation is ignored", .should) { scene in
                let page = scene.page(.response(OriginResponse(200, ["Grip-Link": "/next"], body: "plain")))
                try expect("body", try await scene.fetch("GET", page.path).text, is: "plain")
            },
        ]
        + [204, 304, 302].map { code in
            .init("instruct.status.\(code)-of-origin", "A \(code) with Grip headers has no body", .must) { scene in
                let fields: HeaderList = ["Grip-Foo": "bar", "Location": "/elsewhere"]
                let page = scene.page(.response(OriginResponse(code, fields)))
                let response = try await scene.fetch("GET", page.path)
                try expect("status", response.status, is: code)
                try expect("body", response.text, is: "")
                try expect("Grip-Foo", response.fields["Grip-Foo"], is: nil)
                if code != 302 { try expect("Content-Length", response.fields["Content-Length"], is: nil) }
            }
        }

    private static func status(
        _ value: String,
        _ code: Int,
        _ reason: String,
        _ level: GRIPConformanceScenario.Level
    ) -> GRIPConformanceScenario {
        let id = value.filter { $0 != " " }.lowercased()
        return .init("instruct.status.\(id)", "Grip-Status \"\(value)\" sets the client's status", level) { scene in
            let page = scene.page(.response(OriginResponse(200, ["Grip-Status": value])))
            let response = try await scene.fetch("GET", page.path)
            try expect("status", response.status, is: code)
            try expect("reason", response.reason, is: reason)
            try expect("Grip-Status", response.fields["Grip-Status"], is: nil)
        }
    }

    private static let holds: [GRIPConformanceScenario] = [
        .init("instruct.channels", "Header lines and lists name channels", .must) { scene in
            let names = ["a", "b", "c"].map { "\(scene.channel)-\($0)" }
            let fields: HeaderList = ["Grip-Channel": names[0], "Grip-Channel": "\(names[1]), \(names[2])"]
            let client = try await scene.stream(scene.page(.response(.stream(nil, fields))).path)
            for name in names { try await scene.publish(.httpStream("\(name)\n"), to: name) }
            let expected = "[open]\n" + names.map { "\($0)\n" }.joined()
            try expect("body", try await client.body(until: "-c\n"), is: expected)
        },
        .init("instruct.channels.parameters", "Unknown parameters of a channel are no part of its name", .must) {
            scene in
            let page = scene.page(.response(.stream("\(scene.channel) ; x=y; filter=unheard-of")))
            let client = try await scene.stream(page.path)
            try await scene.publish(.httpStream("one\n"))
            try await client.body(until: "one\n")
        },
        .init("instruct.channels.quotes", "Quotes are part of a channel's name", .could) { scene in
            let page = scene.page(.response(.stream("\"\(scene.channel)\"")))
            let client = try await scene.stream(page.path)
            try await scene.publish(.httpStream("without\n"))
            try await scene.publish(body: quotedItem(scene.channel))
            try expect("body", try await client.body(until: "with\n"), is: "[open]\nwith\n")
        },
        .init("instruct.channels.most", "The first twenty channels count", .should) { scene in
            let names = (1...22).map { "\(scene.channel)-\($0)" }
            let page = scene.page(.response(.stream(names.joined(separator: ", "))))
            let client = try await scene.stream(page.path)
            for name in names.reversed() { try await scene.publish(.httpStream("\(name);"), to: name) }
            let expected = names.prefix(20).reversed().map { "\($0);" }.joined()
            try expect("body", try await client.body(until: "-1;"), is: "[open]\n" + expected)
        },
    ]

    private static func quotedItem(_ channel: String) -> String {
        #"{"items":[{"channel":"\"\#(channel)\"","formats":{"http-stream":{"content":"with\n"}}}]}"#
    }

    private static let large: [GRIPConformanceScenario] = [
        .init("instruct.large.no-hold", "A response too large to wait for an instruction makes a 502", .should) {
            scene in
            let body = String(repeating: "x", count: 100_001)
            try await OriginFailureScenarios.expectBadGateway(
                .response(OriginResponse(200, ["Grip-Foo": "bar"], body: body)),
                scene
            )
        },
        .init("instruct.large.stream", "A stream may begin with more than 100 kB", .should) { scene in
            let body = String(repeating: "x", count: 250_000) + "[open]\n"
            let page = scene.page(.response(.stream(scene.channel, ["Grip-Status": "201 Made"], body: body)))
            let client = try await scene.begin("GET", page.path)
            let head = try await client.head()
            try expect("status", "\(head.status) \(head.reason)", is: "201 Made")
            try expect("chunks", head.isChunked, observed: head.fields.text)
            try expect("Grip headers", head.fields.names(beginningWith: "grip-"), is: [])
            try await client.body(until: "[open]\n")
            try await scene.settle()
            try await scene.publish(.httpStream("more\n"))
            try await client.body(until: "more\n")
            try expect("bytes of body", client.body.readableBytes, is: body.utf8.count + 5)
        },
        .init("instruct.large.next", "A paged stream may begin with more than 100 kB", .should) { scene in
            let next = scene.page(.response(OriginResponse(body: "the next page\n")), named: "next")
            let body = String(repeating: "x", count: 250_000)
            let fields: HeaderList = ["Grip-Link": "<\(next.path)>; rel=next"]
            let page = scene.page(.response(OriginResponse(200, fields, body: body)))
            let client = try await scene.begin("GET", page.path)
            _ = try await client.head()
            let expected = body + "the next page\n"
            try expect("body", String(buffer: try await client.rest()), is: expected)
        },
    ]
}
