import GRIP
import GRIPProxy
import NIOCore
import Testing

@Suite("Clients that do not take what is published", .timeLimit(.minutes(5))) struct ClientOverflowTests {
    /// More than the sockets of a client that reads nothing take.
    private static let count = 200
    private static let size = 100_000

    private static func item(_ number: Int) -> GRIPPublication {
        let end = number == self.count ? "last\n" : "\n"
        let text = "\(number) " + String(repeating: "x", count: self.size) + end
        return GRIPPublication(GRIPItem(.httpStream(.text(text))), to: "a")
    }

    private static func publish(to proxy: ProxyScope, _ fast: inout TestConnection) async throws {
        for number in 1...self.count {
            proxy.server.publish([self.item(number)])
            // The fast one has each before the next is published, so that it never lags.
            let end = number == self.count ? "last\n" : "\n"
            let text = try #require(try await fast.text(upTo: "x\(end)"))
            #expect(text.contains("\r\n\(number) x"))
        }
    }

    private static let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("One that is too far behind is closed or misses items, and another gets all", arguments: [true, false])
    func overflow(closes: Bool) async throws {
        let hold = [("Grip-Hold", "stream"), ("Grip-Channel", "a")]
        try await TestOrigin.with(hold, "[open]\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.queuedBytes = 300_000
                $0.limits.overflow = closes ? .close : .drop
            } _: { proxy in
                try await proxy.client { fast in
                    try await fast.send(Self.request)
                    #expect(try await fast.text(upTo: "[open]\n\r\n") != nil)
                    try await withConnection(to: proxy.clients[0], on: proxy.group, isReading: false) { slow in
                        try await slow.send(Self.request)
                        try await proxy.waitForMetric("grip_proxy_holds{kind=\"stream\"} 2")
                        try await Self.publish(to: proxy, &fast)
                        try await Self.expectOverflow(proxy, closes: closes)
                        try await slow.startReading()
                        guard !closes else { return }
                        // It is still there and gets what comes when there is room again.
                        let received = try await slow.text(upTo: "x\n")
                        #expect(received?.contains("\r\n1 x") == true)
                    }
                }
            }
        }
    }

    private static func expectOverflow(_ proxy: ProxyScope, closes: Bool) async throws {
        if closes { try await proxy.waitForMetric("connection_connected 1") }
        let lines = try await proxy.metricLines()
        let name = "grip_proxy_deliveries_overflowed_total "
        let line = try #require(lines.first { $0.hasPrefix(name) })
        let overflowed = try #require(Int(line.dropFirst(name.count)))
        #expect(overflowed >= 1)
        if closes { #expect(overflowed < 5) } else { #expect(overflowed > 5) }
        let bytes = try #require(lines.first { $0.hasPrefix("grip_proxy_deliveries_overflowed_bytes_total ") })
        #expect(!bytes.hasSuffix(" 0"))
    }
}
