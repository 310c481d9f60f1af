import GRIP
import NIOCore

/// Origins that fail.
enum OriginFailureScenarios {
    static let message = "Error while proxying to origin.\n"

    static let all: [GRIPConformanceScenario] = [
        .init("origin.hangs-up", "An origin that closes the connection without an answer makes a 502", .must) { scene in
            try await expectBadGateway(.hangUp, scene)
        },
        .init("origin.garbage", "An origin that does not answer in HTTP makes a 502", .must) { scene in
            try await expectBadGateway(.verbatim("this is not HTTP at all\r\n\r\n"), scene)
        },
        .init("origin.half-a-head", "An origin that stops in the middle of a head makes a 502", .should) { scene in
            try await expectBadGateway(.verbatim("HTTP/1.1 200 OK\r\nContent-Le"), scene)
        },
        .init("origin.recovers", "After an error of the origin the next request is served", .must) { scene in
            let page = scene.page(.verbatim("garbage\r\n\r\n"), .response(OriginResponse(body: "fine")))
            let client = try await scene.begin("GET", page.path)
            try expect("the first status", try await client.response().status, is: 502)
            try await client.request("GET", page.path)
            try expect("the second body", try await client.response().text, is: "fine")
        },
        .init("origin.cut-chunks", "A response cut off in its chunks does not look complete", .should) { scene in
            let gate = Watched(false)
            let page = scene.page(
                .serving { exchange in
                    try await exchange.readBody()
                    try await exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
                    _ = try await gate.first(within: .seconds(20)) { $0 ? true : nil }
                    exchange.isLast = true
                }
            )
            let client = try await scene.begin("GET", page.path)
            _ = try await client.head()
            try await client.body(until: "hello")
            gate.change { $0 = true }
            let isComplete = try await looksComplete(client)
            try expect("no complete response", !isComplete, observed: client.body.excerpt)
        },
    ]

    static func expectBadGateway(_ answer: OriginAnswer, _ scene: ConformanceEnvironment) async throws {
        let client = try await scene.begin("GET", scene.page(answer).path)
        try expect("status", try await client.head().status, is: 502)
        try expect("body", String(buffer: try await client.rest()), is: message)
    }

    private static func looksComplete(_ client: ClientConnection) async throws -> Bool {
        do {
            try await client.rest(within: .seconds(2))
            return true
        } catch is GRIPConformanceFailure {
            return false
        }
    }
}
