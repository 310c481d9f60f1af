import Configuration
import Foundation
import GRIP
import GRIPPublisher
import TestSupport
import Testing

@Suite("The settings of a bus") struct BusConfigurationTests {
    private static func read(_ variables: [String: String]) throws -> GRIPBusConfiguration {
        let provider = EnvironmentVariablesProvider(environmentVariables: variables)
        return try GRIPBusConfiguration(config: ConfigReader(provider: provider).scoped(to: "grip"))
    }

    @Test("What is absent has its default, and there is no bus without a URL")
    func defaults() throws {
        let none = try Self.read([:])
        #expect(none == GRIPBusConfiguration())
        #expect(!none.isEnabled)
        #expect(none.prefix == "grip")
        #expect(none.waitingBytes == 8_388_608)
        #expect(none.messageBytes == 67_108_864)
        #expect(try Self.read(["GRIP_BUS": " ", "GRIP_BUS_PREFIX": "", "GRIP_BUS_TLS_FIRST": ""]) == none)
    }

    @Test("Every key is read, under the names that the documentation has")
    func keys() throws {
        var expected = GRIPBusConfiguration(url: "nats://a:1,tls://b", prefix: "shop")
        #expect(expected.urls == ["nats://a:1", "tls://b"])
        expected.user = "u"
        expected.password = "p"
        expected.token = "t"
        expected.seed = "s"
        expected.credentialsFile = "app.creds"
        expected.certificateAuthorityFile = "ca.pem"
        expected.certificateFile = "cert.pem"
        expected.keyFile = "key.pem"
        expected.serverName = "nats.example"
        expected.startsTLSAtOnce = true
        expected.waitingBytes = 1
        expected.messageBytes = 2
        let variables = [
            "GRIP_BUS": "nats://a:1 ,\ttls://b", "GRIP_BUS_PREFIX": "shop", "GRIP_BUS_USER": "u",
            "GRIP_BUS_PASSWORD": "p", "GRIP_BUS_TOKEN": "t", "GRIP_BUS_SEED": "s",
            "GRIP_BUS_CREDENTIALS": "app.creds", "GRIP_BUS_CA_FILE": "ca.pem",
            "GRIP_BUS_CERTIFICATE_FILE": "cert.pem", "GRIP_BUS_KEY_FILE": "key.pem",
            "GRIP_BUS_SERVER_NAME": "nats.example", "GRIP_BUS_TLS_FIRST": "yes", "GRIP_BUS_WAITING_BYTES": "1",
            "GRIP_BUS_MESSAGE_BYTES": "2",
        ]
        #expect(try Self.read(variables) == expected)
        let list = InMemoryProvider(values: ["bus": .init(.stringArray(["nats://a:1", "tls://b"]), isSecret: true)])
        #expect(try GRIPBusConfiguration(config: ConfigReader(provider: list)).urls == expected.urls)
    }

    @Test("A secret may be in a file")
    func files() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let file = folder.url.appending(path: "secret")
        try "sesame\n".write(to: file, atomically: false, encoding: .utf8)
        #expect(try Self.read(["GRIP_BUS_PASSWORD": "file:\(file.path)"]).password == "sesame")
        #expect(try Self.read(["GRIP_BUS_TOKEN": "file:\(file.path)"]).token == "sesame")
        #expect(try Self.read(["GRIP_BUS_SEED": "file:\(file.path)"]).seed == "sesame")
        let error = #expect(throws: GRIPBusConfigurationError.self) {
            try Self.read(["GRIP_BUS_TOKEN": "file:\(file.path)-none"])
        }
        #expect(error?.key == "busToken")
        #expect(error?.variable == "GRIP_BUS_TOKEN")
        #expect(error?.reason.contains("secret-none', which cannot be read: No such file") == true)
    }

    @Test(
        "A bad value is an error that names its key",
        arguments: [
            ("GRIP_BUS_TLS_FIRST", "maybe", "busTlsFirst"), ("GRIP_BUS_WAITING_BYTES", "0", "busWaitingBytes"),
            ("GRIP_BUS_WAITING_BYTES", "many", "busWaitingBytes"),
            ("GRIP_BUS_MESSAGE_BYTES", "9999999999", "busMessageBytes"),
        ]
    )
    func badValue(variable: String, value: String, key: String) {
        let error = #expect(throws: GRIPBusConfigurationError.self) { try Self.read([variable: value]) }
        #expect(error?.key == key)
        #expect(error?.variable == variable)
    }

    @Test("Nothing that is printed of it holds a secret")
    func secrets() {
        var bus = GRIPBusConfiguration(url: "nats://user:sesame@a")
        bus.password = "sesame"
        bus.token = "sesame"
        bus.seed = "sesame"
        var dumped = ""
        dump(bus, to: &dumped)
        for text in ["\(bus)", String(reflecting: bus), dumped] { #expect(!text.contains("sesame")) }
    }
}
