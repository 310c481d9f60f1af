import GRIPProxy
import NIOCore
import Synchronization
import Testing

@Suite("Pages for a client that does not read", .timeLimit(.minutes(5)))
struct PagesForSlowReaderTests {
    /// Answers each request with a page that leads to the next one, and counts them.
    private final class Pages: Sendable {
        private let number = Atomic(0)
        let last: Int

        init(last: Int) { self.last = last }

        var count: Int { self.number.load(ordering: .relaxed) }

        func serve(_ connection: inout TestConnection) async throws {
            while try await connection.requestHead() != nil {
                let number = self.number.add(1, ordering: .relaxed).newValue
                let link = number < self.last ? ["Grip-Link: </\(number)>; rel=next"] : []
                try await connection.respond(
                    "200 OK",
                    link,
                    String(repeating: "x", count: 90_000) + "<\(number)>"
                )
            }
        }
    }

    @Test("Pages are not fetched faster than the client reads")
    func pages() async throws {
        // More than fits into what the system buffers.
        let pages = Pages(last: 250)
        try await withServer(pages.serve) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.timeouts.clientWrite = .seconds(2)
            } _: { proxy in
                try await proxy.client { client in
                    try await client.stopReading()
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    // Nothing but the client's silence ends this.
                    while try await proxy.metric("grip_proxy_clients_timed_out_total{reason=\"write\"}") == 0 {}
                    #expect(pages.count < 250)
                }
            }
        }
    }

    @Test("A client that reads late gets all pages")
    func late() async throws {
        let pages = Pages(last: 20)
        try await withServer(pages.serve) { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    for number in 1...20 { #expect(try await client.text(upTo: "<\(number)>") != nil) }
                    #expect(try await client.text(upTo: "\r\n0\r\n\r\n") != nil)
                }
            }
        }
    }
}
