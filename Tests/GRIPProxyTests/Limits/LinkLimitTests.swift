import GRIPProxy
import Logging
import NIOCore
import Synchronization
import Testing

@Suite("Limits: linkedPages and linkFailures", .timeLimit(.minutes(5)))
struct LinkLimitTests {
    private static func failures(_ reason: String) -> String { "grip_proxy_link_failures_total{reason=\"\(reason)\"}" }

    @Test("A next link that leads to itself ends the stream after so many pages")
    func circle() async throws {
        let requests = Atomic(0)
        try await withServer { connection in
            while try await connection.requestHead() != nil {
                requests.add(1, ordering: .relaxed)
                try await connection.respond("200 OK", ["Grip-Link: </x>; rel=next"], "x")
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.linkedPages = 50
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    let text = try await client.text(upTo: "0\r\n\r\n")
                    #expect(text?.split(separator: "1\r\nx\r\n").isEmpty == false)
                    #expect(try await proxy.metric(Self.failures("pages")) == 1)
                }
            }
        }
        #expect(requests.load(ordering: .relaxed) == 51)
    }

    @Test("A next link that leads to itself is told about, and asked no more than ten times a second after a while")
    func slowed() async throws {
        let log = CapturedLog(level: .info)
        let requests = Atomic(0)
        try await withServer { connection in
            while try await connection.requestHead() != nil {
                requests.add(1, ordering: .relaxed)
                try await connection.respond("200 OK", ["Grip-Link: </x>; rel=next"], "x")
            }
        } _: { port in
            try await withProxy(log: log) {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = await log.entry(with: "followed each other without a hold")
                    #expect(try await proxy.metric(Self.failures("slowed")) == 1)
                }
            }
        }
        #expect((100...250).contains(requests.load(ordering: .relaxed)))
    }

    @Test("A next link behind a login is counted, and ends the stream after so many failures")
    func login() async throws {
        try await withServer { connection in
            while let head = try await connection.requestHead() {
                if head.hasPrefix("GET /x ") {
                    let fields = [
                        "Grip-Hold: stream", "Grip-Channel: a; prev-id=1", "Grip-Link: </next>; rel=next; timeout=0",
                    ]
                    try await connection.respond("200 OK", fields, "x")
                } else {
                    try await connection.respond("401 Unauthorized")
                }
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.linkFailures = 2
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = try await client.text(upTo: "1\r\nx\r\n")
                    try await proxy.wait("the first failure") { try await proxy.metric(Self.failures("status")) == 1 }
                    // What follows what the client has does not wait for the page.
                    try await proxy.publish(text: "item", ids: #""id":"2","prev-id":"1","#)
                    #expect(try await client.text(upTo: "0\r\n\r\n") == "4\r\nitem\r\n0\r\n\r\n")
                    #expect(try await proxy.metric(Self.failures("status")) == 2)
                }
            }
        }
    }

    @Test("A gone link that nobody takes is counted")
    func gone() async throws {
        try await withServer { connection in
            while let head = try await connection.requestHead() {
                if head.hasPrefix("GET ") {
                    let fields = ["Grip-Hold: stream", "Grip-Channel: a", "Grip-Link: </gone>; rel=gone"]
                    try await connection.respond("200 OK", fields, "x")
                } else {
                    try await connection.respond("404 Not Found")
                }
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = try await client.text(upTo: "1\r\nx\r\n")
                }
                try await proxy.wait("the failure") { try await proxy.metric(Self.failures("gone")) == 1 }
            }
        }
    }
}
