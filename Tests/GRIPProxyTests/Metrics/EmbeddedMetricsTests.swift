import GRIP
import GRIPProxy
import GRIPPublisher
import HTTPTypes
import Logging
import Metrics
import MetricsTestKit
import NIOCore
import NIOHTTPTypes
import NIOPosix
import Testing

/// What a proxy in the process of its application tells swift-metrics.
@Suite("Embedded proxy: metrics", .timeLimit(.minutes(5))) struct EmbeddedMetricsTests {
    @Test("What an embedded proxy has counted is there when it has ended")
    func counters() async throws {
        let (answer, metrics) = try await Self.run { client, _ in
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            return try await client.response()
        }
        #expect(answer?.body == "hello")
        #expect(try metrics.expectCounter("grip.proxy.connections_opened").totalValue == 1)
        #expect(try metrics.expectCounter("grip.proxy.request_received").totalValue == 1)
        #expect(try metrics.expectGauge("grip.proxy.connection_connected").lastValue == 0)
    }

    @Test("Channels over the limit of an embedded proxy are counted", arguments: [(200, 0), (201, 1), (210, 10)])
    func channels(count: Int, leftOut: Int64) async throws {
        let channels = (1...count).map { "c\($0)" }.joined(separator: ", ")
        let fields: HTTPFields = [.gripHold: "response", .gripChannel: channels]
        let (answer, metrics) = try await Self.run(fields) { client, proxy in
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let item = GRIPPublication(GRIPItem(.httpResponse("item")), to: "c1")
            let end = ContinuousClock.now + .seconds(60)
            while try await proxy.publish([item], countingDeliveries: true).deliveries == 0 {
                try #require(ContinuousClock.now < end, "the hold: not within a minute")
                await Task.yield()
            }
            return try await client.response()
        }
        #expect(answer?.body == "item")
        #expect(try metrics.expectCounter("grip.proxy.channels_left_out").totalValue == leftOut)
    }

    /// Runs an embedded proxy, whose application answers with these fields, for a client.
    private static func run(
        _ fields: HTTPFields = [:],
        _ body: (inout TestConnection, EmbeddedProxy) async throws -> TestConnection.Response?
    ) async throws -> (TestConnection.Response?, TestMetrics) {
        let metrics = TestMetrics()
        let answer = try await withOwnGroup { group in
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            var configuration = GRIPProxyServerConfiguration.embedded
            configuration.timeouts.drain = .zero
            configuration.delivery.updatesOnFirstSubscription = false
            let proxy = try EmbeddedProxy(
                configuration,
                key: GRIPKey("changeme"),
                issuer: "test",
                logger: logger,
                metrics: metrics
            )
            let (connections, continuation) = AsyncStream.makeStream(of: (any Channel).self)
            let listener = try await ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try proxy.adopt(channel)
                        continuation.yield(channel)
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            async let run: Void = {
                for await connection in connections {
                    await proxy.run(with: connection) { await Self.greet($0, fields) }
                    return
                }
            }()
            let address = try #require(listener.localAddress)
            let response = try await withConnection(to: address, on: group) { try await body(&$0, proxy) }
            try await listener.close()
            await run
            return response
        }
        return (answer, metrics)
    }

    private static func greet(
        _ connection: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>,
        _ own: HTTPFields
    ) async {
        do {
            try await connection.executeThenClose { requests, responses in
                for try await part in requests {
                    guard case .end = part else { continue }
                    var fields = own
                    fields[.contentLength] = "5"
                    try await responses.write(.head(HTTPResponse(status: .ok, headerFields: fields)))
                    try await responses.write(.body(ByteBuffer(string: "hello")))
                    try await responses.write(.end(nil))
                    (connection.channel as? InMemoryChannel)?.requestHandled()
                }
            }
        } catch {
            // The test sees that there is no answer.
        }
    }
}
