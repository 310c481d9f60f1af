import GRIP
import NIOCore

/// Requests and responses without GRIP: the proxy as any other.
enum PassThroughScenarios {
    static let all: [GRIPConformanceScenario] = methods + statuses + responses

    private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"].map { method in
        GRIPConformanceScenario(
            "http.method.\(method.lowercased())",
            "\(method) and its body reach the origin, and the response the client",
            .must
        ) { scene in
            let page = scene.page(.computed { OriginResponse(body: "\($0.method) \($0.text)") })
            let body = method == "GET" ? nil : "x=1"
            let response = try await scene.fetch(method, page.path, body: body)
            try expect("body", response.text, is: "\(method) \(body ?? "")")
        }
    }

    private static let statuses = [201, 202, 204, 301, 302, 304, 400, 401, 403, 404, 409, 418, 500, 503].map { status in
        GRIPConformanceScenario(
            "http.status.\(status)",
            "A response with \(status) reaches the client as the origin sent it",
            .must
        ) { scene in
            let body = status == 204 || status == 304 ? "" : "the body\n"
            let fields: HeaderList = [
                "X-Status": "\(status)", "Location": "http://elsewhere.example/", "ETag": "\"e\"",
            ]
            let page = scene.page(.response(OriginResponse(status, fields, body: body, reason: "My Own Reason")))
            let response = try await scene.fetch("GET", page.path)
            try expect("status", response.status, is: status)
            try expect("reason", response.reason, is: "My Own Reason")
            try expect("body", response.text, is: body)
            for line in fields.lines { try expect(line.name, response.fields[line.name], is: line.value) }
        }
    }

    private static let responses: [GRIPConformanceScenario] = [
        .init("http.headers.repeated", "Header lines of one name stay lines of their own", .must) { scene in
            let fields: HeaderList = ["Set-Cookie": "a=1", "Set-Cookie": "b=2, c", "X-One": "1"]
            let page = scene.page(.response(OriginResponse(200, fields, body: "b")))
            let response = try await scene.fetch("GET", page.path)
            try expect("Set-Cookie", response.fields.all("Set-Cookie"), is: ["a=1", "b=2, c"])
        },
        .init("http.headers.hop-by-hop", "The origin's headers about its connection end at the proxy", .must) { scene in
            let fields: HeaderList = ["Keep-Alive": "timeout=7", "Connection": "x-origin", "X-Kept": "1"]
            let page = scene.page(.response(OriginResponse(200, fields, body: "b")))
            let response = try await scene.fetch("GET", page.path)
            try expect("Keep-Alive", response.fields["Keep-Alive"], is: nil)
            try expect("no Connection of the origin", response.fields["Connection"] != "x-origin", observed: "it")
            try expect("X-Kept", response.fields["X-Kept"], is: "1")
        },
        .init("http.head", "HEAD has the headers and no body, and the connection goes on", .must) { scene in
            let page = scene.page(.response(OriginResponse(200, ["X-Kept": "1"], body: "hello")))
            let client = try await scene.begin("HEAD", page.path)
            let head = try await client.head()
            try expect("status", head.status, is: 200)
            try expect("X-Kept", head.fields["X-Kept"], is: "1")
            try expect("the request's method", try await page.request().method, is: "HEAD")
            try await client.request("GET", page.path)
            try expect("the next body", String(buffer: try await client.response().body), is: "hello")
        },
        .init("http.head.length", "HEAD has the length that GET would have", .should) { scene in
            let page = scene.page(.response(OriginResponse(200, [:], body: "hello")))
            let client = try await scene.begin("HEAD", page.path)
            try expect("Content-Length", try await client.head().fields["Content-Length"], is: "5")
        },
        .init("http.body.chunked", "A response in chunks arrives whole", .must) { scene in
            let body = ByteBuffer.pattern(10_000)
            let page = scene.page(.response(OriginResponse(bytes: body, framing: .chunked(777))))
            try expect("body", try await scene.fetch("GET", page.path).body == body, is: true)
        },
        .init("http.body.chunk-extensions", "Extensions of chunks, and trailers, do no harm", .should) { scene in
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            let text = head + "5;x=y\r\nhello\r\n0;z\r\nX-Trailer: 1\r\n\r\n"
            let page = scene.page(.verbatim(text, closes: false))
            try expect("body", try await scene.fetch("GET", page.path).text, is: "hello")
        },
        .init("http.body.until-close", "A response that ends with its connection arrives whole", .must) { scene in
            let page = scene.page(.response(OriginResponse(body: "till the end", framing: .untilClose)))
            try expect("body", try await scene.fetch("GET", page.path).text, is: "till the end")
        },
        .init("http.body.empty", "An empty response has a length of 0", .must) { scene in
            let page = scene.page(.response(OriginResponse()))
            let response = try await scene.fetch("GET", page.path)
            try expect("Content-Length", response.fields["Content-Length"], is: "0")
        },
        .init("http.body.as-it-comes", "Parts of a response reach the client before the next is sent", .must) { scene in
            let turn = Watched(1)
            let page = scene.page(
                .serving { exchange in
                    try await exchange.readBody()
                    try await exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    for number in 1...3 {
                        _ = try await turn.first(within: .seconds(20)) { $0 >= number ? true : nil }
                        try await exchange.send("2\r\n\(number)\n\r\n")
                    }
                    try await exchange.send("0\r\n\r\n")
                }
            )
            let client = try await scene.begin("GET", page.path)
            _ = try await client.head()
            for number in 1...3 {
                try await client.body(until: "\(number)\n")
                turn.change { $0 += 1 }
            }
            try expect("body", String(buffer: try await client.rest()), is: "1\n2\n3\n")
        },
        .init("http.over-http-route", "Routes for WebSocket over HTTP serve plain requests too", .must) { scene in
            let page = scene.page(.computed { OriginResponse(body: $0.fields["Content-Type"] ?? "none") })
            let response = try await scene.fetch("POST", page.path, ["Content-Type": "text/plain"], body: "x")
            try expect("body", response.text, is: "text/plain")
        },
        .init("http.events-from-client", "A client cannot send WebSocket events itself", .must) { scene in
            let page = scene.page(.response(OriginResponse(body: "reached")))
            let type: HeaderList = ["Content-Type": "application/websocket-events"]
            let response = try await scene.fetch("POST", page.path, type, body: "OPEN\r\n")
            try expect("status", response.status, is: 403)
            try expect("requests at the origin", page.requests.count, is: 0)
        },
    ]
}
