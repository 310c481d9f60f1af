import GRIP
import NIOCore

/// The control API as a server: lengths, limits and what is not HTTP.
enum PublishTransferScenarios {
    private static let body = #"{"items":[{"channel":"nobody","http-stream":{"content":"a"}}]}"#

    static let all: [GRIPConformanceScenario] = [
        .init("publish.no-length", "A publish without a length is refused", .should) { scene in
            let client = try await scene.connectToControl()
            try await client.send("POST /publish/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try expect("status", try await client.response().status, is: 411)
        },
        .init("publish.large", "A publish may have 990 kB", .must) { scene in
            let content = String(repeating: "x", count: 990_000)
            let body = #"{"items":[{"channel":"nobody","http-stream":{"content":"\#(content)"}}]}"#
            try expect("status", try await scene.control(body: body).status, is: 200)
        },
        .init("publish.too-large", "A publish of more than a megabyte is refused", .should) { scene in
            let client = try await scene.connectToControl()
            try await client.send("POST /publish/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000001\r\n\r\n")
            let status = try await client.response().status
            try expect("an error", [400, 413].contains(status), observed: "\(status)")
        },
        .init("publish.continue", "A publisher that waits for 100 Continue gets it", .should) { scene in
            let client = try await scene.connectToControl()
            let fields: HeaderList = ["Content-Length": "\(body.utf8.count)", "Expect": "100-continue"]
            try await client.request("POST", "/publish/", fields)
            try expect("the interim status", try await client.head().status, is: 100)
            try await client.send(body)
            try expect("status", try await client.response().status, is: 200)
        },
        .init("publish.byte-by-byte", "A publish that trickles is published", .must) { scene in
            let stream = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            let body = #"{"items":[{"channel":"\#(scene.channel)","http-stream":{"content":"slow"}}]}"#
            let client = try await scene.connectToControl()
            let text = "POST /publish/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            for byte in text.utf8 { try await client.send(ByteBuffer(bytes: [byte])) }
            try expect("status", try await client.response().status, is: 200)
            try await stream.body(until: "slow")
        },
        .init("publish.not-utf8", "Text that is not UTF-8 is refused", .should) { scene in
            let client = try await scene.connectToControl()
            var body = ByteBuffer(string: #"{"items":[{"channel":"nobody","http-stream":{"content":""#)
            body.writeBytes([0xFF, 0xFE])
            body.writeString(#""}}]}"#)
            try await client.request("POST", "/publish/", body: body)
            try expect("status", try await client.response().status, is: 400)
        },
        .init("publish.deep", "JSON that nests without an end in sight is refused", .must) { scene in
            let response = try await scene.control(body: String(repeating: "[", count: 200_000))
            try expect("status", response.status, is: 400)
        },
        .init("publish.garbage", "What is not HTTP is refused, and the next publish works", .must) { scene in
            let client = try await scene.connectToControl()
            try await client.send("this is not HTTP\r\n\r\n")
            let status = try await client.headIfAny(within: .seconds(2))?.status
            try expect("an error, or nothing", (400..<500).contains(status ?? 400), observed: "\(status ?? 0)")
            client.close()
            try expect("the next status", try await scene.control(body: body).status, is: 200)
        },
    ]
}
