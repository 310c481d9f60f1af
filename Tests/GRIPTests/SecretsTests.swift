import GRIP
import HTTPTypes
import Testing

@Suite struct SecretsTests {
    /// All the ways in which a value is turned into text.
    private func texts(_ value: some Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        dump([value], to: &dumped)
        dump(Optional(value), to: &dumped)
        return [String(describing: value), String(reflecting: value), "\([value])", "\(["k": value])", dumped]
    }

    @Test(arguments: [
        "sesame", "base64:c2VzYW1l", "-----BEGIN EC PRIVATE KEY-----\nsesame\n-----END EC PRIVATE KEY-----",
        #"{"kty":"oct","k":"sesame"}"#,
    ])
    func aKeyDoesNotShowItself(text: String) throws {
        let key = try GRIPKey(text)
        for shown in self.texts(key) + self.texts(GRIPProxyConfiguration.Authorization.token(issuer: "i", key: key)) {
            for secret in ["sesame", "c2VzYW1l", "115, 101", "[115"] { #expect(!shown.contains(secret)) }
        }
    }

    @Test(arguments: [
        "http://h?iss=i&key=sesame", "http://h?key=sesame", "http://h?verify-key=sesame", "http://u:sesame@h",
        "http://sesame@h", "http://h?Fastly-Key=sesame", "http://h?iss=i&key=base64:c2VzYW1l",
    ])
    func aConfigurationDoesNotShowItsSecrets(url: String) throws {
        let configuration = try GRIPProxyConfiguration(url: url)
        for shown in self.texts(configuration) + self.texts(configuration.authorization) {
            for secret in ["sesame", "c2VzYW1l", "115, 101", "[115"] { #expect(!shown.contains(secret)) }
        }
        #expect(configuration.description.contains("http://h"))
    }

    @Test(arguments: [
        "htp://u:sesame@h", "http://u:sesame@h h", "http://u:sesame@", "http://u:sesame%@h", "http://u%3A:sesame@h",
        "http://h?key=sesame%zz", "http://h?key=sesame%20x", "http://h?key=base64:sesame!", "http://h:sesame",
        "http://u:sesame#@h", "http://h?iss=%&key=sesame", "http://h?key=-----BEGIN%20sesame", "http://h?key=%7Bsesame",
        "sesame", "http://h/\nsesame", "http://h?verify-key=base64:sesame!",
    ])
    func anErrorDoesNotQuoteTheURL(url: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPProxyConfiguration(url: url) }
        for shown in error.map({ self.texts($0) }) ?? [] { #expect(!shown.contains("sesame")) }
    }

    @Test func aControlURIDoesNotShowItsQuery() throws {
        let uri = try GRIPControlURI("http://h:1/p?Fastly-Key=sesame")
        for shown in self.texts(uri) { #expect(!shown.contains("sesame")) }
        #expect(uri.description == "http://h:1/p?(redacted)")
        #expect(uri.uri == "http://h:1/p?Fastly-Key=sesame")
    }

    @Test func aRequestDoesNotShowItsSignature() {
        let request = GRIPRequest(fields: [.gripSig: "sesame", .gripFeature: "status", .connectionID: "7"])
        for shown in self.texts(request) { #expect(!shown.contains("sesame")) }
        #expect(request.description.contains("status") && request.description.contains("7"))
    }

    @Test func aDescriptionTellsWhatIsConfigured() throws {
        let url = "http://h:5561/p?iss=i&key=k&verify-iss=v&a=b"
        #expect(
            try GRIPProxyConfiguration(url: url).description
                == "http://h:5561/p?(redacted), authorization: token of 'i' (key redacted), signature: verified of 'v'"
        )
        let plain = try GRIPProxyConfiguration(url: "http://h")
        #expect(plain.description == "http://h, authorization: none, signature: not verified")
    }
}
