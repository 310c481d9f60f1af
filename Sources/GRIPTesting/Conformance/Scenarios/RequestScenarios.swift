import GRIP
import NIOCore

/// What the origin receives of a client's request.
enum RequestScenarios {
    static let all: [GRIPConformanceScenario] = headers + body

    private static let features = [
        "status", "session", "link:next", "filter:skip-self", "filter:skip-users", "filter:require-sub",
        "filter:build-id", "filter:var-subst",
    ]

    private static let headers: [GRIPConformanceScenario] = [
        .init("request.grip.removed", "A client's own Grip headers do not reach the origin", .must) { scene in
            let page = scene.page(.response(OriginResponse()))
            let forged: HeaderList = [
                "Grip-Sig": "forged", "Grip-Last": "x; last-id=1", "grip-hold": "stream", "GRIP-Feature": "none",
                "Grip-Foo": "bar",
            ]
            _ = try await scene.fetch("GET", page.path, forged)
            let fields = try await page.request().fields
            let names = fields.names(beginningWith: "grip-").map { $0.lowercased() }.sorted()
            try expect("Grip headers", names, is: ["grip-feature", "grip-sig"])
            let areOwn = fields["Grip-Sig"] != "forged" && fields["Grip-Feature"] != "none"
            try expect("the proxy's own values", areOwn, observed: fields.text)
        },
        .init("request.feature", "The proxy tells what it can do", .should) { scene in
            let page = scene.page(.response(OriginResponse()))
            _ = try await scene.fetch("GET", page.path)
            let request = try await page.request()
            try expect("one Grip-Feature", request.fields.all("Grip-Feature").count, is: 1)
            let offered = request.fields.elements("Grip-Feature")
            try expect("features", offered.filter { features.contains($0) }, is: features)
        },
        .init("request.feature.link-gone", "The proxy can tell the origin that a client has gone", .should) { scene in
            let page = scene.page(.response(OriginResponse()))
            _ = try await scene.fetch("GET", page.path)
            let offered = try await page.request().fields.elements("Grip-Feature")
            try expect("link:gone", offered.contains("link:gone"), observed: "\(offered)")
        },
        .init("request.hop-by-hop", "Headers about the connection end at the proxy", .must) { scene in
            let page = scene.page(.response(OriginResponse()))
            let sent: HeaderList = [
                "Connection": "keep-alive", "Keep-Alive": "timeout=5", "Accept-Encoding": "x-unheard-of",
            ]
            _ = try await scene.fetch("GET", page.path, sent)
            let fields = try await page.request().fields
            try expect("Keep-Alive", fields["Keep-Alive"], is: nil)
            try expect("the client's Connection", fields["Connection"] != "keep-alive", observed: fields.text)
            let encodings = fields.elements("Accept-Encoding")
            try expect("no Accept-Encoding of the client", !encodings.contains("x-unheard-of"), observed: fields.text)
        },
        .init("request.end-to-end", "All other headers reach the origin as they are, in order", .must) { scene in
            let page = scene.page(.response(OriginResponse()))
            let sent: HeaderList = [
                "X-Zebra": "1", "Cookie": "a=1; b=2", "x-apple": "2", "X-Twice": "one", "Authorization": "Basic Zm9v",
                "X-Twice": "two", "User-Agent": "conformance", "If-None-Match": "\"tag\"",
            ]
            _ = try await scene.fetch("GET", page.path, sent)
            let received = try await page.request().fields.lines
            try expect("the client's headers", received.filter { sent.lines.contains($0) }, is: sent.lines)
        },
        .init("request.empty-header", "A header without a value reaches the origin", .could) { scene in
            let page = scene.page(.response(OriginResponse()))
            _ = try await scene.fetch("GET", page.path, ["X-Empty": ""])
            try expect("X-Empty", try await page.request().fields["X-Empty"], is: "")
        },
        .init("request.te", "TE reaches the origin", .could) { scene in
            let page = scene.page(.response(OriginResponse()))
            _ = try await scene.fetch("GET", page.path, ["TE": "trailers"])
            try expect("TE", try await page.request().fields["TE"], is: "trailers")
        },
        .init("request.forged.meta", "A client's Meta headers and Connection-Id do not reach the origin", .should) {
            scene in
            let page = scene.page(.response(OriginResponse()))
            let sent: HeaderList = ["Meta-User": "forged", "Connection-Id": "forged", "Meta_User": "forged"]
            _ = try await scene.fetch("GET", page.path, sent)
            let lines = try await page.request().fields.lines
            try expect("forged headers", lines.filter { $0.value == "forged" }, is: [])
        },
        .init("request.host", "The origin receives the client's Host, with its port", .must) { scene in
            let page = scene.page(.response(OriginResponse()))
            _ = try await scene.fetch("GET", page.path, ["Host": "www.example.com:8080"])
            try expect("Host", try await page.request().fields.all("Host"), is: ["www.example.com:8080"])
        },
        .init("request.forwarded-proto", "A client without TLS cannot say that it has it", .should) { scene in
            let page = scene.page(.response(OriginResponse()))
            let sent: HeaderList = ["X-Forwarded-Proto": "https", "X-Forwarded-Protocol": "https"]
            _ = try await scene.fetch("GET", page.path, sent)
            let fields = try await page.request().fields
            try expect("X-Forwarded-Proto…", fields.names(beginningWith: "X-Forwarded-Proto"), is: [])
        },
        .init("request.forwarded-for", "X-Forwarded-For is forwarded by default", .should) { scene in
            let page = scene.page(.response(OriginResponse()))
            _ = try await scene.fetch("GET", page.path, ["X-Forwarded-For": "10.1.1.1, 10.2.2.2"])
            let received = try await page.request().fields.elements("X-Forwarded-For")
            try expect("X-Forwarded-For", received, is: ["10.1.1.1", "10.2.2.2"])
        },
        .init("request.target", "Path and query reach the origin byte by byte", .must) { scene in
            let page = scene.page(.response(OriginResponse()))
            let target = page.path + "?a=1&b=%20c&&d=%2F%C3%A4+e;f=/?g"
            _ = try await scene.fetch("GET", target)
            try expect("target", try await page.request().target, is: target)
        },
        .init("request.target.bad-percent", "What only looks like percent-encoding is left alone", .could) { scene in
            let page = scene.page(.response(OriginResponse()))
            let target = page.path + "?a=%20&b=%zz"
            _ = try await scene.fetch("GET", target)
            try expect("target", try await page.request().target, is: target)
        },
        .init("request.large-head", "A head of 6 kB reaches the origin", .must) { scene in
            let page = scene.page(.response(OriginResponse()))
            let value = String(repeating: "v", count: 6000)
            _ = try await scene.fetch("GET", page.path, ["X-Large": value])
            try expect("X-Large", try await page.request().fields["X-Large"], is: value)
        },
    ]

    private static let body: [GRIPConformanceScenario] = [
        .init("request.body.streamed", "A long body reaches the origin while the client sends it", .should) { scene in
            let started = Watched(ByteBuffer())
            let page = scene.page(
                .serving { exchange in
                    exchange.record()
                    try await exchange.allowBody()
                    while let part = try await exchange.readPart() {
                        started.change { _ = $0.writeImmutableBuffer(part) }
                    }
                    try await exchange.send(OriginResponse(body: "done"))
                }
            )
            let client = try await scene.connect()
            try await client.request("POST", page.path, ["Content-Length": "60000"])
            try await client.send(ByteBuffer(repeating: UInt8(ascii: "a"), count: 40000))
            try await page.request()
            let first = try await started.first(within: scene.patience) { $0.readableBytes > 0 ? true : nil }
            try expect("a part of the body before the rest is sent", first, is: true)
            try await client.send(ByteBuffer(repeating: UInt8(ascii: "b"), count: 20000))
            try expect("body", String(buffer: try await client.response().body), is: "done")
            try expect("bytes", started.value.readableBytes, is: 60000)
        },
        .init("request.body.two-parts", "A short body in two parts arrives whole", .must) { scene in
            let page = scene.page(.computed { OriginResponse(bytes: $0.body) })
            let client = try await scene.connect()
            try await client.request("POST", page.path, ["Content-Length": "11"])
            try await client.send("hello")
            try await client.send(" world")
            try expect("body", String(buffer: try await client.response().body), is: "hello world")
        },
        .init("request.body.too-large", "A hold for a request too large to repeat is refused", .should) { scene in
            let page = scene.page(.response(.stream(scene.channel)))
            let response = try await scene.fetch("POST", page.path, body: String(repeating: "x", count: 100_001))
            try expect("status", response.status, is: 400)
            try expect("body", response.text, is: "Request too large to accept GRIP instruct.\n")
        },
    ]
}
