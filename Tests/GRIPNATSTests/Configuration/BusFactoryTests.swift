import Foundation
import GRIP
import GRIPNATS
import GRIPPublisher
import TestSupport
import Testing

@Suite("From settings to a bus") struct BusFactoryTests {
    private static let seed: GRIPSecret = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"

    private static func error(_ bus: GRIPBusConfiguration) -> GRIPBusConfigurationError? {
        #expect(throws: GRIPBusConfigurationError.self) { try bus.makeBus() }
    }

    @Test("Servers, credentials, TLS and limits are those of the settings")
    func settings() throws {
        var bus = GRIPBusConfiguration(url: "nats://u:p@one,two:4223, tls://three")
        bus.serverName = "nats.example"
        bus.startsTLSAtOnce = true
        bus.waitingBytes = 5
        bus.messageBytes = 6
        let configuration = try GRIPNATSConfiguration(bus)
        #expect(configuration.servers.map(\.description) == ["one:4222", "two:4223", "three:4222"])
        #expect(configuration.servers.map(\.requiresTLS) == [false, false, true])
        #expect(configuration.servers[0].credentials != nil)
        #expect(configuration.credentials == nil)
        #expect(configuration.tls == GRIPNATSTLS(serverName: "nats.example", startsAtOnce: true))
        #expect(configuration.outboundLimit == 5)
        #expect(configuration.receivedMessageLimit == 6)
        #expect(try bus.summary() == "nats://one:4222, nats://two:4223, tls://three:4222, with the prefix grip")
        #expect(try GRIPBusConfiguration().summary() == "none")
        #expect(try bus.makeBus() is GRIPNATSBus)
    }

    @Test("A URL of another kind is an error that says what to write, and quotes nothing that may be secret")
    func schemes() throws {
        for (url, text) in [
            ("redis://:sesame@a:6379", "names a server of Redis or Valkey, for which there is no bus here"),
            ("valkeys://:sesame@a", "names a server of Redis or Valkey"),
            ("wss://sesame@a", "names a WebSocket"),
            ("http://user:sesame@a:5561", "The control API of a proxy belongs into GRIP_URL"),
            ("kafka://sesame@a", "has a URL of the scheme 'kafka', and the schemes are nats and tls"),
            ("se%same://a", "has a URL of another scheme"),
            ("nats://user:sesame@", "cannot be used: the URL of a NATS server has no host"),
            ("nats://user:sesame@a:b", "cannot be used: the port of a NATS server is a number"),
            ("nats://a/sesame", "has neither a path nor a query"),
        ] as [(GRIPSecret, String)] {
            let error = try #require(Self.error(GRIPBusConfiguration(url: url)))
            #expect(error.key == "bus")
            #expect(error.reason.contains(text), "\(error.reason)")
            #expect(!error.description.contains("sesame"))
            #expect(text.contains("nats") || error.reason.contains("NATS") || error.reason.contains("nats://host:4222"))
        }
        #expect(Self.error(GRIPBusConfiguration())?.key == "bus")
    }

    @Test("Credentials are one of four, and are read before the start")
    func credentials() throws {
        func with(_ change: (inout GRIPBusConfiguration) -> Void) -> GRIPBusConfiguration {
            var bus = GRIPBusConfiguration(url: "nats://a")
            change(&bus)
            return bus
        }
        let good = [
            with { $0.user = "u" }, with { ($0.user, $0.password) = ("u", "p") }, with { $0.token = "t" },
            with { $0.seed = Self.seed },
        ]
        for bus in good { #expect(try GRIPNATSConfiguration(bus).credentials != nil) }
        let bad: [(GRIPBusConfiguration, String, String)] = [
            (with { $0.password = "sesame" }, "busPassword", "set 'busUser' too"),
            (with { ($0.user, $0.token) = ("u", "sesame") }, "busToken", "is set beside 'busUser'"),
            (with { ($0.token, $0.credentialsFile) = ("sesame", "x") }, "busCredentials", "is set beside 'busToken'"),
            (with { $0.seed = "sesame" }, "busSeed", "cannot be used"),
            (with { $0.credentialsFile = "/no/such/file" }, "busCredentials", "'/no/such/file', which cannot be read"),
            (with { $0.credentialsFile = #filePath }, "busCredentials", "cannot be used: a credentials file has"),
        ]
        for (bus, key, text) in bad {
            let error = try #require(Self.error(bus))
            #expect(error.key == key)
            #expect(error.reason.contains(text), "\(error.reason)")
            #expect(!error.description.contains("sesame"))
        }
    }

    @Test("Files of TLS are read before the start")
    func files() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.url.appending(path: "no.pem").path
        try "no certificate".write(toFile: file, atomically: false, encoding: .utf8)
        let changes: [(String, (inout GRIPBusConfiguration) -> Void)] = [
            ("busCaFile", { $0.certificateAuthorityFile = file }),
            ("busCertificateFile", { ($0.certificateFile, $0.keyFile) = (file, file) }),
            ("busCertificateFile", { $0.certificateFile = file }), ("busKeyFile", { $0.keyFile = file }),
        ]
        for (key, change) in changes {
            var bus = GRIPBusConfiguration(url: "nats://a")
            change(&bus)
            #expect(Self.error(bus)?.key == key)
        }
    }

    @Test("A prefix is one of subjects", arguments: ["a b", "a.*", "", "a..b", String(repeating: "x", count: 300)])
    func prefix(_ prefix: String) {
        #expect(Self.error(GRIPBusConfiguration(url: "nats://a", prefix: prefix))?.key == "busPrefix")
        let error = #expect(throws: GRIPBusConfigurationError.self) {
            try GRIPBusConfiguration(url: "nats://a", prefix: prefix).check()
        }
        #expect(error?.key == "busPrefix")
    }

    @Test("Limits of nothing are refused")
    func limits() {
        var bus = GRIPBusConfiguration(url: "nats://a")
        bus.waitingBytes = 0
        #expect(Self.error(bus)?.key == "busWaitingBytes")
    }

    @Test("Instances that have other prefixes do not hear of each other; what was counted is told", .needsNATS)
    func instances() async throws {
        try await NATSServerProcess.run { server in
            let configuration = GRIPBusConfiguration(url: GRIPSecret(server.url), prefix: "test")
            let bus = try configuration.makeBus()
            let recorder = BusRecorder()
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await bus.run(recorder) }
                bus.attend(["a"])
                let publisher = try configuration.makePublisher()
                let other = try GRIPBusConfiguration(url: GRIPSecret(server.url), prefix: "other").makePublisher()
                group.addTask { try await publisher.run() }
                group.addTask { try await other.run() }
                try await recorder.waitUntilConnected()
                try await other.publish([GRIPPublication(GRIPItem(.httpStream("0"), id: "0"), to: "a")])
                // Enqueued before there is a connection, it waits for one.
                #expect(publisher.enqueue([GRIPPublication(GRIPItem(.httpStream("1"), id: "1"), to: "a")]))
                try await recorder.wait(forText: "1")
                #expect(recorder.texts == ["1"])
                #expect(bus.counts.connections == 1)
                #expect(bus.counts.lostMessages == 0)
            }
        }
    }
}
