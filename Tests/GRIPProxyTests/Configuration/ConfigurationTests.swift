import Configuration
import GRIP
import GRIPProxy
import Testing

@Suite("The proxy's configuration")
struct ConfigurationTests {
    private static func read(_ values: [AbsoluteConfigKey: ConfigValue]) throws -> GRIPProxyServerConfiguration {
        try GRIPProxyServerConfiguration(config: ConfigReader(provider: InMemoryProvider(values: values)))
    }

    @Test("What is absent has its default, and the defaults are valid")
    func defaults() throws {
        #expect(try Self.read([:]) == GRIPProxyServerConfiguration())
        try GRIPProxyServerConfiguration().validate()
    }

    @Test("Every key is read")
    func everyKey() throws {
        var expected = GRIPProxyServerConfiguration()
        expected.listeners = [.tcp(host: "*", port: 1), .tcp(host: "::1", port: 2)]
        expected.controlListeners = [.tcp(host: "localhost", port: 3)]
        expected.socketPermissions = GRIPSocketPermissions(mode: 0o660, user: "0", group: "0")
        expected.controlSocketPermissions = GRIPSocketPermissions(mode: 0o600, user: "root", group: "1")
        expected.controlToken = "t"
        expected.controlHosts = ["grip-proxy", "b.svc."]
        expected.routes = ["* a:1", "b c:2"]
        expected.isDebugging = true
        expected.allowsCrossOrigin = true
        expected.issuer = "me"
        expected.key = try GRIPKey("k")
        expected.upstreamKey = try GRIPKey("base64:dQ==")
        expected.forwarding.protocolHeaders = .both
        expected.forwarding.acceptsForwardedProtocol = true
        expected.forwarding.forwardedFor = "truncate:0,append"
        expected.forwarding.forwardedForTrusted = "append"
        expected.forwarding.cdnLoopToken = "cdn"
        expected.forwarding.acceptsRouteHeader = true
        expected.delivery.sequenceWait = .milliseconds(4)
        expected.delivery.idLifetime = .milliseconds(5)
        expected.delivery.subscriptionLinger = .milliseconds(6)
        expected.delivery.recoverySpread = .milliseconds(60)
        expected.delivery.updatesOnFirstSubscription = false
        expected.limits.connections = 10
        expected.limits.subscriptionsPerConnection = 11
        expected.limits.requestHead = 12
        expected.limits.requestFields = 13
        expected.limits.requestBodyRate = 47
        expected.limits.rememberedBody = 14
        expected.limits.instructedBody = 15
        expected.limits.linkedPage = 16
        expected.limits.webSocketMessage = 17
        expected.limits.webSocketResponse = 18
        expected.limits.queuedBytes = 19
        expected.limits.queuedItems = 20
        expected.limits.overflow = .drop
        expected.limits.controlHead = 21
        expected.limits.controlBody = 22
        expected.limits.controlConnections = 23
        expected.limits.publishedBytes = 24
        expected.timeouts.requestHead = .milliseconds(30)
        expected.timeouts.requestBody = .milliseconds(31)
        expected.timeouts.keepAlive = .milliseconds(32)
        expected.timeouts.originConnect = .milliseconds(33)
        expected.timeouts.originResponse = .milliseconds(34)
        expected.timeouts.originIdle = .milliseconds(35)
        expected.timeouts.clientWrite = .milliseconds(36)
        expected.timeouts.webSocketClose = .milliseconds(37)
        expected.timeouts.webSocketPing = .milliseconds(61)
        expected.timeouts.webSocketPong = .milliseconds(62)
        expected.timeouts.deadClient = .milliseconds(63)
        expected.timeouts.connectionAge = .milliseconds(64)
        expected.timeouts.drain = .milliseconds(38)
        expected.timeouts.shutdown = .milliseconds(39)
        expected.timeouts.originBody = .milliseconds(40)
        expected.timeouts.originQueue = .milliseconds(41)
        expected.timeouts.originReuse = .milliseconds(42)
        expected.limits.linkedPages = 43
        expected.limits.linkFailures = 44
        expected.limits.originConnections = 45
        expected.limits.originQueue = 46
        expected.limits.publisherDescriptors = 47
        expected.limits.originDescriptors = 48
        expected.limits.logLines = 49
        expected.limits.logInterval = .milliseconds(50)
        expected.limits.logText = 51
        expected.limits.logQueue = 52
        expected.presence.linger = .milliseconds(65)
        expected.presence.grace = .milliseconds(66)
        expected.presence.members = 67
        expected.presence.watchers = 68
        expected.presence.watchedChannels = 69
        expected.presence.instances = 70
        expected.presence.queuedChanges = 71
        expected.presence.queuedDepartures = 72
        expected.accessLog.format = .json
        expected.accessLog.query = .names
        #expect(try Self.read(Self.everyKey) == expected)
        let keys = Set(Self.everyKey.keys.map(\.description)).union(["logLevel", "routesFile", "threads"])
            // Those of the bus are no part of this configuration; the tests of layers read them.
            .union(ProxySetting.bus.map(\.key))
        #expect(keys == Set(ProxySetting.all.map(\.key)))
    }

    private static let everyKey: [AbsoluteConfigKey: ConfigValue] = [
        "listeners": "1, [::1]:2", "controlListeners": .init(.stringArray(["3"]), isSecret: false),
        "socket.mode": "660", "socket.user": "0", "socket.group": "0", "controlSocket.mode": "0600",
        "controlSocket.user": "root", "controlSocket.group": "1", "controlToken": "t",
        "controlHosts": "grip-proxy, b.svc.", "routes": "* a:1\n\n b c:2", "debug": true,
        "autoCrossOrigin": "yes",
        "sigIss": "me", "sigKey": "k", "upstreamKey": "base64:dQ==",
        "forwarding.protocolHeaders": "both", "forwarding.acceptProtocol": "on",
        "forwarding.forwardedFor": "truncate:0,append", "forwarding.forwardedForTrusted": "append",
        "forwarding.cdnLoop": "cdn", "forwarding.acceptRouteHeader": true,
        "delivery.sequenceWaitMs": 4, "delivery.idLifetimeMs": 5, "delivery.subscriptionLingerMs": 6,
        "delivery.recoverySpreadMs": 60, "delivery.updateOnFirstSubscription": false,
        "limits.connections": 10, "limits.subscriptionsPerConnection": 11, "limits.requestHead": 12,
        "limits.requestFields": 13, "limits.requestBodyRate": 47,
        "limits.rememberedBody": 14, "limits.instructedBody": 15, "limits.linkedPage": 16,
        "limits.linkedPages": 43,
        "limits.linkFailures": 44, "limits.originConnections": 45, "limits.originQueue": 46,
        "limits.publisherDescriptors": 47, "limits.originDescriptors": 48, "limits.logLines": 49,
        "limits.logIntervalMs": 50, "limits.logText": 51, "limits.logQueue": 52,
        "timeouts.originQueueMs": 41, "timeouts.originReuseMs": 42,
        "limits.webSocketMessage": 17, "limits.webSocketResponse": 18, "limits.queuedBytes": 19,
        "limits.queuedItems": 20, "limits.overflow": "drop", "limits.controlHead": 21, "limits.controlBody": 22,
        "limits.controlConnections": 23, "limits.publishedBytes": 24,
        "timeouts.requestHeadMs": 30, "timeouts.requestBodyMs": 31, "timeouts.keepAliveMs": 32,
        "timeouts.originConnectMs": 33, "timeouts.originResponseMs": 34, "timeouts.originIdleMs": 35,
        "timeouts.webSocketPingMs": 61, "timeouts.webSocketPongMs": 62, "timeouts.deadClientMs": 63,
        "timeouts.connectionAgeMs": 64, "timeouts.clientWriteMs": 36, "timeouts.webSocketCloseMs": 37,
        "timeouts.drainMs": 38,
        "presence.lingerMs": 65, "presence.graceMs": 66, "presence.members": 67, "presence.watchers": 68,
        "presence.watchedChannels": 69, "presence.instances": 70, "presence.queuedChanges": 71,
        "presence.queuedDepartures": 72,
        "timeouts.shutdownMs": 39, "timeouts.originBodyMs": 40, "accessLog.format": "json", "accessLog.query": "names",
    ]

    @Test(
        "Each key has the environment variable that swift-configuration gives it",
        arguments: ProxySetting.all.map(\.key)
    )
    func variables(key: String) throws {
        let setting = try #require(ProxySetting.all.first { $0.key == key })
        let provider = EnvironmentVariablesProvider(environmentVariables: [setting.variable: "here"])
        let scope: ConfigKey = setting.isShared ? "grip" : "grip.proxy"
        let config = ConfigReader(provider: provider).scoped(to: scope)
        #expect(config.string(forKey: ConfigKey(key)) == "here", "\(setting.variable)")
    }

    static let bad: [(String, ConfigValue)] = [
        ("listeners", "s3cr3t,80"),
        ("listeners", "80,80"),
        ("listeners", 80),
        ("controlListeners", "host:"),
        ("controlToken", "s3cr3t with blanks"),
        ("controlHosts", "a:5561"),
        ("controlHosts", "http://a"),
        ("controlToken", "file:/does/not/exist"),
        ("debug", "s3cr3t"),
        ("routes", 7),
        ("routesFile", "/does/not/exist"),
        ("sigKey", "base64:s3cr3t!"),
        ("sigKey", "-----BEGIN s3cr3t-----"),
        ("sigKey", "{\"kty\":\"s3cr3t\"}"),
        ("sigKey", "file:/does/not/exist"),
        ("upstreamKey", "-----BEGIN s3cr3t-----"),
        ("forwarding.protocolHeaders", "s3cr3t"),
        ("forwarding.forwardedFor", "s3cr3t"),
        ("forwarding.cdnLoop", "s3cr3t,b"),
        ("delivery.sequenceWaitMs", -1),
        ("limits.connections", 0),
        ("limits.connections", "s3cr3t"),
        ("limits.queuedBytes", 3_000_000_000),
        ("limits.overflow", "block"),
        ("timeouts.keepAliveMs", 0),
        ("timeouts.drainMs", 1.5),
    ]

    @Test("A bad value is an error that names its key and shows no secret", arguments: Self.bad)
    func badValue(key: String, value: ConfigValue) throws {
        let error = try #require(throws: GRIPProxyServerConfigurationError.self) {
            try Self.read([AbsoluteConfigKey(ConfigKey(key)): value])
        }
        #expect(error.key == key)
        #expect(error.description.contains("'\(key)'"))
        #expect(key == "listeners" || !error.description.contains("s3cr3t"))
    }

    @Test("Values that were set in code are checked too")
    func validation() throws {
        let changes: [(String, (inout GRIPProxyServerConfiguration) throws -> Void)] = [
            ("listeners", { $0.listeners = [] }),
            ("listeners", { $0.listeners = [.tcp(host: "::", port: 65536)] }),
            ("controlToken", { $0.controlToken = "" }),
            ("sigIss", { $0.issuer = "" }),
            ("sigKey", { $0.key = .fastlyFanout }),
            ("forwarding.forwardedFor", { $0.forwarding.forwardedFor = "truncate:-1" }),
            ("limits.queuedItems", { $0.limits.queuedItems = .min }),
            ("limits.requestHead", { $0.limits.requestHead = .max }),
            ("timeouts.shutdownMs", { $0.timeouts.shutdown = .seconds(Int64.max) }),
            ("timeouts.requestBodyMs", { $0.timeouts.requestBody = .seconds(-1) }),
        ]
        for (key, change) in changes {
            var configuration = GRIPProxyServerConfiguration()
            try change(&configuration)
            let error = try #require(throws: GRIPProxyServerConfigurationError.self) { try configuration.validate() }
            #expect(error.key == key)
        }
    }

    @Test("Listeners on a port that the system chooses may be several")
    func freePorts() throws {
        var configuration = GRIPProxyServerConfiguration()
        configuration.listeners = [.tcp(host: "127.0.0.1", port: 0), .tcp(host: "127.0.0.1", port: 0)]
        try configuration.validate()
    }
}
