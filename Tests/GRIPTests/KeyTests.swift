import Testing

@testable import GRIP

@Suite struct KeyTests {
    @Test(arguments: ["changeme", " padded ", "a+b", "ключ", "BASE64:AA", "base64"])
    func textIsTheBytesOfASecret(text: String) throws {
        let key = try GRIPKey(text)
        #expect(key.material == .secret(Array(text.utf8)))
        #expect(key.isSymmetric)
        #expect(key.bearerToken == text)
    }

    @Test(arguments: ["base64:-_-_", "base64:+/+/", "base64: +/\n+/ "])
    func base64MayBeOfEitherAlphabet(text: String) throws {
        #expect(try GRIPKey(text).material == .secret([0xFB, 0xFF, 0xBF]))
        #expect(try GRIPKey(text).bearerToken == nil)
    }

    @Test(arguments: ["", "base64:", "base64: ", "base64:!", "base64:A", "base64:AA=", "base64:AAAA=junk"])
    func anEmptyOrMalformedKeyIsRefused(text: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPKey(text) }
        #expect(error?.code == .key)
    }

    @Test func aSecretHasAtLeastOneByte() throws {
        #expect(throws: GRIPError.self) { try GRIPKey(secret: []) }
        #expect(try GRIPKey(secret: [0]).isSymmetric)
    }

    @Test(arguments: [
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----",
        " \n-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "base64:LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KQUFBQQotLS0tLUVORCBQVUJMSUMgS0VZLS0tLS0=",
    ])
    func aPEMBlockMayHaveItsNewlinesEscaped(text: String) throws {
        let key = try GRIPKey(text)
        #expect(key.material == .pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"))
        #expect(!key.isSymmetric)
        #expect(key.bearerToken == nil)
    }

    @Test func otherEscapesOfAPEMBlockStay() throws {
        #expect(try GRIPKey("-----BEGIN \\\\n\\t\\").material == .pem("-----BEGIN \\\n\\t\\"))
    }

    @Test(arguments: [
        (#"{"kty":"oct","k":"AA"}"#, true), (#"{"kty":"EC"}"#, false), ("{", false), (#"{"kty":1}"#, false),
        (#" {"kty":"oct"} "#, true),
    ])
    func aJSONWebKeyIsSymmetricByItsType(text: String, isSymmetric: Bool) throws {
        let key = try GRIPKey(text)
        #expect(key.material == .jwk(String(text.trimmingASCIIWhitespace())))
        #expect(key.isSymmetric == isSymmetric)
        #expect(key.bearerToken == nil)
    }
}

@Suite struct ServiceTests {
    @Test func pushpinNeedsNoAuthorization() throws {
        #expect(try GRIPProxyConfiguration.pushpin() == GRIPProxyConfiguration(url: "http://localhost:5561"))
        let key = try GRIPKey(secret: "changeme".utf8)
        let url = "http://h:5561?verify-iss=pushpin&verify-key=changeme"
        #expect(try GRIPProxyConfiguration.pushpin(controlURI: "http://h:5561/", verifyKey: key) == .init(url: url))
    }

    @Test func fastlyIsVerifiedByItsIssuer() throws {
        let configuration = try GRIPProxyConfiguration.fastlyFanout(serviceID: "abc", apiToken: "t")
        #expect(configuration.controlURI.publishURI == "https://api.fastly.com/service/abc/publish/")
        #expect(configuration.authorization == (try .bearer("t")))
        #expect(configuration.verifyIssuer == "fastly:abc")
        #expect(configuration.verifyKey == .fastlyFanout)
        #expect(!GRIPKey.fastlyFanout.isSymmetric)
        guard case .jwk(let json) = GRIPKey.fastlyFanout.material else { throw GRIPError(.key, "not a JWK") }
        let members = try JSONValue(parsing: json)
        #expect(members["crv"]?.string == "P-256")
        #expect(members["x"]?.string == "CKo5A1ebyFcnmVV8SE5On-8G81JyBjSvcrx4VLetWCg")
        #expect(members["y"]?.string == "7gwJqaU6N8TP88--twjkwoB36f-pT3QsmI46nPhjO7M")
    }

    @Test func aFastlyURLIsRead() throws {
        let url = "https://api.fastly.com/service/abc?verify-iss=fastly:abc&key=t"
        var expected = try GRIPProxyConfiguration.fastlyFanout(serviceID: "abc", apiToken: "t")
        expected.verifyKey = nil
        #expect(try GRIPProxyConfiguration(url: url) == expected)
    }

    @Test func fanoutCloudSignsAndVerifiesWithTheKeyOfTheRealm() throws {
        let key = try GRIPKey("base64:AAEC")
        let configuration = try GRIPProxyConfiguration.fanoutCloud(realm: "r", key: key)
        #expect(try configuration == GRIPProxyConfiguration(url: "https://api.fanout.io/realm/r?iss=r&key=base64:AAEC"))
    }

    @Test(arguments: ["", "a/b", "a b", "a?b", "é", "a#b"])
    func anIDThatIsNoPathSegmentIsRefused(id: String) throws {
        let key = try GRIPKey(secret: [1])
        #expect(throws: GRIPError.self) { try GRIPProxyConfiguration.fastlyFanout(serviceID: id, apiToken: "t") }
        #expect(throws: GRIPError.self) { try GRIPProxyConfiguration.fanoutCloud(realm: id, key: key) }
    }

    @Test(arguments: ["", "a b", "a\r\nb", "é", "\u{7F}"])
    func aTokenThatAHeaderCannotCarryIsRefused(token: String) {
        #expect(throws: GRIPError.self) { try GRIPProxyConfiguration.fastlyFanout(serviceID: "a", apiToken: token) }
    }
}
