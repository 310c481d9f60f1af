import Configuration
import GRIP
import GRIPAdapter
import Testing

@Suite struct GRIPConfigurationTests {
    private func read(_ variables: [String: String]) throws -> GRIPConfiguration {
        try GRIPConfiguration(
            config: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        )
    }

    @Test func nothingConfiguredIsTheDefault() throws {
        #expect(try self.read([:]) == GRIPConfiguration())
        #expect(try self.read(["GRIP_URL": "", "GRIP_PREFIX": " "]) == GRIPConfiguration())
    }

    @Test func theVariablesOfOtherLibrariesAreRead() throws {
        let configuration = try self.read([
            "GRIP_URL": "http://localhost:5561?verify-iss=pushpin&verify-key=changeme",
            "GRIP_PROXIES": "http://one:5561 https://two.example.com/x?key=token\n",
            "GRIP_VERIFY_KEY": "base64:Y2hhbmdlbWU=",
            "GRIP_PREFIX": "app-",
            "GRIP_PROXY_REQUIRED": "True",
            "GRIP_SIGNATURE_LEEWAY": "30",
        ])
        #expect(
            configuration.proxies.map(\.controlURI.description)
                == ["http://localhost:5561", "http://one:5561", "https://two.example.com/x"]
        )
        #expect(configuration.proxies.first?.verifyIssuer == "pushpin")
        #expect(try configuration.verifyKey == GRIPKey("changeme"))
        #expect(configuration.prefix.text == "app-")
        #expect(configuration.isProxyRequired)
        #expect(configuration.signatureLeeway == .seconds(30))
    }

    @Test(arguments: [
        ("GRIP_URL", "ftp://secret@host", "grip.url"),
        ("GRIP_URL", "http://host?verify-key=base64:secret!", "grip.url"),
        ("GRIP_PROXIES", "http://good:5561 secret", "grip.proxies"),
        ("GRIP_VERIFY_KEY", "base64:secret!", "grip.verifyKey"),
        ("GRIP_PREFIX", "a,b", "grip.prefix"),
        ("GRIP_PROXY_REQUIRED", "maybe", "grip.proxyRequired"),
        ("GRIP_SIGNATURE_LEEWAY", "-1", "grip.signatureLeeway"),
    ])
    func aBadValueIsAnErrorThatNamesItsKeyAndNoSecret(variable: String, value: String, key: String) {
        let error = #expect(throws: GRIPConfigurationError.self) { try self.read([variable: value]) }
        #expect(error?.key == key)
        #expect(error?.description.contains("secret") == false)
    }

    @Test func anEmptyKeyIsRefusedWhereItIsNotAbsent() throws {
        #expect(throws: GRIPError.self) { try GRIPKey("base64:") }
        #expect(throws: GRIPError.self) { try GRIPKey("") }
    }
}
