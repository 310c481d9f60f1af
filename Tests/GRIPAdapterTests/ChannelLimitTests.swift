import GRIP
import GRIPAdapter
import GRIPTesting
import HTTPTypes
import InMemoryLogging
import Logging
import Testing

/// Responses that hold a client on more channels than its proxy takes.
@Suite struct ChannelLimitTests {
    private func warnings(
        channels count: Int,
        features: Set<GRIPFeature>,
        isProxied: Bool = true
    ) throws -> [InMemoryLogHandler.Entry] {
        let log = InMemoryLogHandler()
        let proxy = GRIPTestProxy(features: features)
        let origin = try GRIPOrigin(
            proxy.configuration,
            publisher: RecordingPublisher(),
            logger: Logger(label: "test", factory: { _ in log })
        )
        var head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/news?token=secret")
        if isProxied { head.headerFields = try proxy.fields() }
        let state = origin.inspect(head)
        var response = HTTPResponse(status: .ok)
        let channels = try (1...count).map { try GRIPChannel("c\($0)") }
        try GRIPInstruction(hold: .stream(keepAlive: nil), channels: channels).write(to: &response.headerFields)
        try origin.finish(&response, for: state)
        return log.entries
    }

    @Test func aProxyThatSaysHowManyItTakesIsBelieved() throws {
        #expect(try self.warnings(channels: 200, features: [.status, .channels(200)]).isEmpty)
        let lines = try self.warnings(channels: 201, features: [.status, .channels(200)])
        #expect(lines.count == 1)
        #expect(lines.first?.level == .warning)
        #expect("\(lines[0].message)".contains("takes 200 (limits.subscriptionsPerConnection)"))
        #expect(lines.first?.metadata["grip.channel"] == "c201")
        #expect(lines.first?.metadata["grip.path"] == "/news")
    }

    @Test func aProxyThatSaysNothingIsTakenForAPushpin() throws {
        #expect(try self.warnings(channels: 20, features: [.status]).isEmpty)
        let lines = try self.warnings(channels: 21, features: [.status])
        #expect(lines.count == 1)
        #expect("\(lines[0].message)".contains("Pushpin takes 20 (connection_subscription_max)"))
        #expect(lines.first?.metadata["grip.channel"] == "c21")
    }

    @Test func aWebSocketThatIsNotSubscribedToAllIsTold() async throws {
        let log = InMemoryLogHandler()
        let origin = try GRIPOrigin(
            GRIPTestProxy().configuration,
            publisher: RecordingPublisher(),
            logger: Logger(label: "test", factory: { _ in log })
        )
        let request = try GRIPTestWebSocket(through: GRIPTestProxy(features: [.channels(20)])).request(.text("hi"))
        var fields = request.fields
        fields[.gripLeftOut] = "c21, c22"
        let state = origin.inspect(GRIPRequest(fields: fields))
        let session = try origin.webSocketSession(fields: fields, body: request.body, state: state)
        #expect(session.leftOut == ["c21", "c22"])
        #expect(session.channelLimit == 20)
        _ = try await origin.webSocketResponse(of: session, path: "/chat") { _ in }
        #expect(log.entries.count == 1)
        let line = try #require(log.entries.first)
        #expect(line.level == .warning)
        #expect("\(line.message)".contains("to the channel 'c21' and 1 more"))
        #expect(line.metadata["grip.path"] == "/chat")
        #expect(line.metadata["grip.limit"] == "20")
        var dumped = ""
        dump(session, to: &dumped)
        #expect(!dumped.contains(try #require(fields[.gripSig])))
    }

    @Test func withoutAProxyNothingIsHeld() throws {
        #expect(try self.warnings(channels: 300, features: [.channels(20)], isProxied: false).isEmpty)
    }

    @Test func theStateTellsTheLimit() throws {
        let proxy = GRIPTestProxy(features: [.channels(7)])
        let origin = try GRIPOrigin(proxy.configuration, publisher: RecordingPublisher())
        #expect(origin.inspect(GRIPRequest(fields: try proxy.fields())).channelLimit == 7)
        #expect(origin.inspect(GRIPRequest(fields: [.gripFeature: "channels:7"])).channelLimit == nil)
        #expect(GRIPRequestState().channelLimit == nil)
    }
}
