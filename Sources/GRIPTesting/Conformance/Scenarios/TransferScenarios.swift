import GRIP
import NIOCore

/// Bodies of all sizes and speeds, and connections used in all ways.
enum TransferScenarios {
    static let all: [GRIPConformanceScenario] = uploads + downloads + connections

    private static let uploads: [GRIPConformanceScenario] =
        [100_000, 3_000_000].map { size in
            .init("http.upload.\(size)", "A request of \(size) bytes arrives whole", .must) { scene in
                let body = ByteBuffer.pattern(size)
                let page = scene.page(.computed { OriginResponse(body: $0.body == body ? "same" : "other") })
                let client = try await scene.connect()
                try await client.request("POST", page.path, body: body)
                let response = try await client.response(within: .seconds(20))
                try expect("what the origin found", String(buffer: response.body), is: "same")
            }
        } + [
            .init("http.upload.chunked", "A request in chunks arrives whole", .must) { scene in
                let page = scene.page(.computed { OriginResponse(bytes: $0.body) })
                let client = try await scene.connect()
                try await client.request("POST", page.path, ["Transfer-Encoding": "chunked"])
                for part in ["hello", " ", String(repeating: "world", count: 100)] {
                    try await client.send("\(String(part.utf8.count, radix: 16))\r\n\(part)\r\n")
                }
                try await client.send("0\r\n\r\n")
                let body = String(buffer: try await client.response().body)
                try expect("body", body, is: "hello " + String(repeating: "world", count: 100))
            },
            .init("http.upload.continue", "A client that waits for 100 Continue gets it", .must) { scene in
                let page = scene.page(.computed { OriginResponse(bytes: $0.body) })
                let client = try await scene.connect()
                try await client.request("POST", page.path, ["Content-Length": "3", "Expect": "100-continue"])
                try expect("the interim status", try await client.head().status, is: 100)
                try await client.send("abc")
                try expect("body", String(buffer: try await client.response().body), is: "abc")
            },
            .init("http.upload.byte-by-byte", "A request that trickles arrives whole", .must) { scene in
                let page = scene.page(.computed { OriginResponse(bytes: $0.body) })
                let client = try await scene.connect()
                let text = "POST \(page.path) HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabcdef"
                for byte in text.utf8 { try await client.send(ByteBuffer(bytes: [byte])) }
                try expect("body", String(buffer: try await client.response().body), is: "abcdef")
            },
        ]

    private static let downloads: [GRIPConformanceScenario] =
        [100_000, 3_000_000].map { size in
            .init("http.download.\(size)", "A response of \(size) bytes arrives whole", .must) { scene in
                let body = ByteBuffer.pattern(size)
                let page = scene.page(.response(OriginResponse(bytes: body)))
                let client = try await scene.begin("GET", page.path)
                let response = try await client.response(within: .seconds(20))
                try expect("the same body", response.body == body, observed: response.body.excerpt)
            }
        } + [
            .init("http.download.slow-reader", "A client that does not read for a while gets everything", .must) {
                scene in
                let body = ByteBuffer.pattern(4_000_000)
                let page = scene.page(.response(OriginResponse(bytes: body)))
                let client = try await scene.connect()
                try await client.stream.setReading(false)
                try await client.request("GET", page.path)
                try await page.request()
                // Others are served meanwhile, and the response fills all buffers on its way.
                for _ in 1...5 { try await scene.settle() }
                try await client.stream.setReading(true)
                let response = try await client.response(within: .seconds(20))
                try expect("the same body", response.body == body, observed: response.body.excerpt)
            }
        ]

    private static let connections: [GRIPConformanceScenario] = [
        .init("http.connection.reuse", "A connection serves request after request", .must) { scene in
            let page = scene.page(.computed { OriginResponse(body: $0.query) })
            let client = try await scene.connect()
            for number in 1...5 {
                try await client.request("GET", "\(page.path)?\(number)")
                try expect("body", String(buffer: try await client.response().body), is: "\(number)")
            }
        },
        .init("http.connection.pipelining", "Requests sent at once are answered in order", .must) { scene in
            let page = scene.page(.computed { OriginResponse(body: $0.query) })
            let client = try await scene.connect()
            try await client.send((1...5).map { "GET \(page.path)?\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for number in 1...5 {
                try expect("body", String(buffer: try await client.response().body), is: "\(number)")
            }
        },
        .init("http.connection.close", "A client that says so gets a last response", .must) { scene in
            let page = scene.page(.response(OriginResponse(body: "ok")))
            let client = try await scene.begin("GET", page.path, ["Connection": "close"])
            try expect("body", String(buffer: try await client.response().body), is: "ok")
            try await client.waitForEnd()
        },
        .init("http.connection.half-closed", "A client that has sent all it has may say so", .could) { scene in
            let gate = Watched(false)
            let page = scene.page(
                .serving { exchange in
                    try await exchange.readBody()
                    _ = try await gate.first(within: .seconds(20)) { $0 ? true : nil }
                    try await exchange.send(OriginResponse(body: "ok"))
                }
            )
            let client = try await scene.begin("GET", page.path)
            try await page.request()
            try await client.stream.finishSending()
            // The proxy notices before the origin answers.
            try await scene.settle()
            gate.change { $0 = true }
            try expect("body", String(buffer: try await client.response().body), is: "ok")
        },
        .init("http.1-0", "A client of HTTP/1.0 gets a response and the end of the connection", .must) { scene in
            let page = scene.page(.response(OriginResponse(body: "ok")))
            let client = try await scene.connect()
            try await client.send("GET \(page.path) HTTP/1.0\r\nHost: a\r\n\r\n")
            try expect("body", String(buffer: try await client.response().body), is: "ok")
            try await client.waitForEnd()
        },
        .init("http.1-0.chunked", "A client of HTTP/1.0 gets no chunks", .must) { scene in
            let page = scene.page(.response(OriginResponse(body: "hello", framing: .chunked(2))))
            let client = try await scene.connect()
            try await client.send("GET \(page.path) HTTP/1.0\r\nHost: a\r\n\r\n")
            let response = try await client.response()
            try expect("Transfer-Encoding", response.fields["Transfer-Encoding"], is: nil)
            try expect("body", String(buffer: response.body), is: "hello")
        },
        .init("http.clients.many", "Sixty clients at once get a response each", .must) { scene in
            let page = scene.page(.computed { OriginResponse(body: $0.query) })
            var clients: [ClientConnection] = []
            for number in 1...60 { clients.append(try await scene.begin("GET", "\(page.path)?\(number)")) }
            for (index, client) in clients.enumerated() {
                try expect("body", String(buffer: try await client.response().body), is: "\(index + 1)")
            }
        },
        .init("http.clients.gone", "A client that leaves early leaves nothing behind", .must) { scene in
            let isGone = Watched(false)
            let page = scene.page(
                .serving { exchange in
                    try await exchange.readBody()
                    _ = try await isGone.first(within: .seconds(20)) { $0 ? true : nil }
                    try await exchange.send(OriginResponse(body: "late"))
                },
                .response(OriginResponse(body: "fine"))
            )
            let client = try await scene.begin("GET", page.path)
            try await page.request()
            client.close()
            isGone.change { $0 = true }
            try expect("body for the next", try await scene.fetch("GET", page.path).text, is: "fine")
        },
    ]
}
