import GRIPProxy
import NIOCore
import Testing

@Suite("Limit: subscriptionsPerConnection", .timeLimit(.minutes(5)))
struct SubscriptionLimitTests {
    private static let leftOut = "grip_proxy_channels_left_out_total"

    @Test("A stream is subscribed to the first channels; more are left out and counted", arguments: [2, 3])
    func stream(channelCount: Int) async throws {
        let channels = ["a", "b", "c"].prefix(channelCount).joined(separator: ", ")
        try await TestOrigin.with([("Grip-Hold", "stream"), ("Grip-Channel", channels)], "[open]\n") { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.subscriptionsPerConnection = 2
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "[open]\n") != nil)
                    #expect(try await proxy.metric("grip_proxy_subscriptions{kind=\"stream\"}") == 2)
                    #expect(try await proxy.metric(Self.leftOut) == channelCount - 2)
                    #expect(try await proxy.publish(text: "x", to: "b") == 1)
                    #expect(try await proxy.publish(text: "x", to: "c") == 0)
                }
            }
        }
    }

    @Test("A proxy in an application takes ten times as many")
    func embedded() {
        var configuration = GRIPProxyServerConfiguration()
        #expect(configuration.limits.subscriptionsPerConnection == 20)
        configuration.limits.subscriptionsPerConnection = 200
        #expect(GRIPProxyServerConfiguration.embedded == configuration)
    }

    @Test("The channels of a page that a next link leads to are as many", arguments: [2, 3])
    func page(channelCount: Int) async throws {
        let channels = ["a", "b", "c"].prefix(channelCount).joined(separator: ", ")
        try await withServer { connection in
            while let head = try await connection.requestHead() {
                let isFirst = head.hasPrefix("GET /first ")
                try await connection.respond(
                    "200 OK",
                    isFirst
                        ? ["Grip-Link: </next>; rel=next"] : ["Grip-Hold: stream", "Grip-Channel: \(channels)"],
                    isFirst ? "first\n" : "next\n"
                )
            }
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.subscriptionsPerConnection = 2
            } _: { proxy in
                try await proxy.client { client in
                    try await client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await client.text(upTo: "next\n") != nil)
                    #expect(try await proxy.metric("grip_proxy_subscriptions{kind=\"stream\"}") == 2)
                    #expect(try await proxy.metric(Self.leftOut) == channelCount - 2)
                }
            }
        }
    }

    @Test("A WebSocket is subscribed to as many, and the rest is counted", arguments: [2, 3])
    func webSocket(channelCount: Int) async throws {
        let messages = ["a", "b", "c"].prefix(channelCount).map { #"c:{"type":"subscribe","channel":"\#($0)"}"# }
        try await withServer { connection in
            _ = try await connection.requestHead()
            try await connection.acceptWebSocket("Sec-WebSocket-Extensions: grip; message-prefix=\"\"\r\n")
            for message in messages { try await connection.send(0x1, message, masked: false) }
            try await connection.send(0x1, "done", masked: false)
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port)"]
                $0.limits.subscriptionsPerConnection = 2
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    #expect(try await client.frame()?.text == "done")
                    #expect(try await proxy.metric("grip_proxy_subscriptions{kind=\"ws\"}") == 2)
                    #expect(try await proxy.metric(Self.leftOut) == channelCount - 2)
                    // An end that is not clean would hide what is wrong with it.
                    try await client.send(0x8)
                }
            }
        }
    }

    @Test("Channels that the route gives a WebSocket count like others")
    func implicit() async throws {
        try await withServer { connection in
            _ = try await connection.requestHead()
            try await connection.acceptWebSocket()
            try await connection.send(0x1, "done", masked: false)
            _ = try await connection.rest()
        } _: { port in
            try await withProxy {
                $0.routes = ["* 127.0.0.1:\(port),sub=a,sub=b,sub=c"]
                $0.limits.subscriptionsPerConnection = 2
            } _: { proxy in
                try await proxy.client { client in
                    #expect(try await client.openWebSocket("/"))
                    #expect(try await client.frame()?.text == "done")
                    #expect(try await proxy.metric("grip_proxy_subscriptions{kind=\"ws\"}") == 2)
                    #expect(try await proxy.metric(Self.leftOut) == 1)
                    try await client.send(0x8)
                }
            }
        }
    }
}
