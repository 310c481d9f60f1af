import GRIP
import NIOCore

/// Line ends and lengths where they do not belong: nothing may become a header or a request of its own.
enum InjectionScenarios {
    static let all: [GRIPConformanceScenario] = lineEnds + lengths

    private static let lineEnds: [GRIPConformanceScenario] = [
        .init("injection.instruct", "A document's headers cannot contain further ones", .should) { scene in
            let json = #"{"response":{"headers":[["X-Good","a\r\nX-Evil: 1"],["X-Bad\r\nX-Evil","1"]],"body":"b"}}"#
            let client = try await scene.begin("GET", scene.page(.response(.instruct(json))).path)
            try expect("X-Evil", try await client.head().fields["X-Evil"], is: nil)
        },
        .init("injection.instruct.reason", "A document's reason cannot contain headers", .should) { scene in
            let json = #"{"response":{"code":200,"reason":"OK\r\nX-Evil: 1","body":"b"}}"#
            let client = try await scene.begin("GET", scene.page(.response(.instruct(json))).path)
            try expect("X-Evil", try await client.head().fields["X-Evil"], is: nil)
        },
        .init("injection.publish", "An item's headers and reason cannot contain further ones", .should) { scene in
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel))))
            try await scene.settle()
            let format = #"{"reason":"OK\r\nX-Evil: 1","headers":[["X-Good","a\r\nX-Evil: 1"]],"body":"b"}"#
            let item = #"{"channel":"\#(scene.channel)","http-response":\#(format)}"#
            // Whether such an item is refused, dropped or cleaned is the proxy's choice.
            _ = try await scene.control(body: #"{"items":[\#(item)]}"#)
            let response = try await scene.publish(.httpResponse("next"), untilAnswered: poll)
            try expect("X-Evil", response.fields["X-Evil"], is: nil)
        },
        .init("injection.prev-id", "A prev-id cannot contain headers for the origin", .should) { scene in
            let warm = try await scene.warmChannel()
            defer { warm.close() }
            let json = #"""
                {"hold":{"channels":[{"name":"\#(scene.channel)","prev-id":"1\r\nX-Evil: 1"}]},
                "response":{"body":"timeout\n"}}
                """#
            let page = scene.page(.response(.instruct(json)), .response(OriginResponse(body: "asked again")))
            let client = try await scene.begin("GET", page.path)
            try await page.request()
            try await scene.settle()
            try await scene.publish(.httpResponseHint)
            // The hold may have been refused instead.
            _ = try await client.head()
            try expect("X-Evil", page.requests.compactMap { $0.fields["X-Evil"] }, is: [])
        },
    ]

    private static let lengths: [GRIPConformanceScenario] = [
        framing("both", "A body with a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
        framing("both-reversed", "A body with chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
        framing("two-lengths", "A body with two lengths", "Content-Length: 5\r\nContent-Length: 6"),
        framing("length-list", "A body with a list of lengths", "Content-Length: 5, 6"),
        framing("unknown-coding", "A body with an unknown coding", "Transfer-Encoding: x-unknown\r\nContent-Length: 5"),
    ]

    /// A request whose end can be seen in two places either is refused or has one end.
    private static func framing(_ name: String, _ title: String, _ fields: String) -> GRIPConformanceScenario {
        .init("injection.framing.\(name)", "\(title) is refused, or has one end for all", .must) { scene in
            let page = scene.page(.computed { OriginResponse(bytes: $0.body) })
            let status = try await BadInputScenarios.status(scene) { client in
                try await client.send("POST \(page.path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n0\r\n\r\n")
                try await client.send(" ")
                try await client.stream.finishSending()
            }
            if let request = page.requests.first {
                let framings = request.fields.all("Content-Length") + request.fields.all("Transfer-Encoding")
                try expect("one length or coding at the origin", framings.count <= 1, observed: "\(framings)")
            } else {
                try expect("an error or the end", (400..<600).contains(status ?? 400), observed: "\(status ?? 0)")
            }
        }
    }
}
