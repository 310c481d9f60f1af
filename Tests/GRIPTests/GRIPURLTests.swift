import Testing

@testable import GRIP

@Suite struct GRIPURLTests {
    private func secret(_ text: String) throws -> GRIPKey { try GRIPKey(secret: text.utf8) }

    @Test(arguments: [
        ("http://localhost:5561", "http://localhost:5561", "http://localhost:5561/publish/"),
        ("http://localhost:5561/", "http://localhost:5561", "http://localhost:5561/publish/"),
        ("http://localhost:5561///", "http://localhost:5561", "http://localhost:5561/publish/"),
        ("http://h/a/b//", "http://h/a/b", "http://h/a/b/publish/"),
        ("http://h//a", "http://h//a", "http://h//a/publish/"),
        ("HTTPS://h", "https://h", "https://h/publish/"),
        ("https://h:443", "https://h:443", "https://h:443/publish/"),
        ("http://h:/x", "http://h/x", "http://h/x/publish/"),
        ("http://h?a=1", "http://h?a=1", "http://h/publish/?a=1"),
        ("http://h/p/?a=1&b=%20+&c", "http://h/p?a=1&b=%20+&c", "http://h/p/publish/?a=1&b=%20+&c"),
        ("http://h/p#frag?x", "http://h/p", "http://h/p/publish/"),
        ("http://h?", "http://h", "http://h/publish/"),
        ("http://[::1]:5561/x", "http://[::1]:5561/x", "http://[::1]:5561/x/publish/"),
        ("http://[2001:db8::1]", "http://[2001:db8::1]", "http://[2001:db8::1]/publish/"),
        ("http://127.0.0.1:1?x=http://y", "http://127.0.0.1:1?x=http://y", "http://127.0.0.1:1/publish/?x=http://y"),
        ("http://h/?key=k&a=1&iss=i&b=2&verify-key=v&verify-iss=w", "http://h?a=1&b=2", "http://h/publish/?a=1&b=2"),
        ("http://h/?&&a=1&&", "http://h?a=1", "http://h/publish/?a=1"),
        ("http://h/?%6Bey=k&Key=x&a%zz=1", "http://h?Key=x&a%zz=1", "http://h/publish/?Key=x&a%zz=1"),
    ])
    func theControlURIIsWhatRemains(url: String, uri: String, publishURI: String) throws {
        let configuration = try GRIPProxyConfiguration(url: url)
        #expect(configuration.controlURI.uri == uri)
        #expect(configuration.controlURI.publishURI == publishURI)
        #expect(try GRIPControlURI(uri) == configuration.controlURI)
    }

    @Test(arguments: [
        "", "localhost:5561", "//h", "ftp://h", "ws://h", "http:/h", "http:h", "http://", "http:///p", "http://:80",
        "http://h:0", "http://h:65536", "http://h:x", "http://h:-1", "http://h: 80", "http://h:99999999999999999999",
        "http://h h", "http://h/\n", "http://ä", "http://[::1", "http://::1", "http://[]", "http://h]", "http://[::1]x",
        "http://h/%é", "http://a%20b", "http://u:p@", " http://h", "http://h\\x", "http://h:１",
    ])
    func whatIsNoHTTPURLIsRefused(url: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPProxyConfiguration(url: url) }
        #expect(error?.code == .url)
        #expect(throws: GRIPError.self) { try GRIPControlURI(url) }
    }

    @Test func aControlURIHasNoUser() {
        let error = #expect(throws: GRIPError.self) { try GRIPControlURI("http://u:sesame@h") }
        #expect(error?.code == .url)
        #expect(error?.description.contains("sesame") == false)
    }

    @Test func withoutItemsNothingIsAuthorizedOrVerified() throws {
        let configuration = try GRIPProxyConfiguration(url: "http://h")
        #expect(configuration.authorization == .none)
        #expect(configuration.verifyKey == nil)
        #expect(configuration.verifyIssuer == nil)
    }

    @Test func aSecretWithAnIssuerSignsAndVerifies() throws {
        let configuration = try GRIPProxyConfiguration(url: "http://h?iss=realm&key=k")
        #expect(configuration.authorization == .token(issuer: "realm", key: try self.secret("k")))
        #expect(configuration.verifyKey == (try self.secret("k")))
        #expect(configuration.verifyIssuer == nil)
    }

    @Test func aVerifyKeyIsPreferred() throws {
        let configuration = try GRIPProxyConfiguration(url: "http://h?iss=i&key=k&verify-key=v&verify-iss=w")
        #expect(configuration.verifyKey == (try self.secret("v")))
        #expect(configuration.verifyIssuer == "w")
    }

    @Test func aKeyWithoutIssuerIsABearerTokenAndNeverVerifies() throws {
        let configuration = try GRIPProxyConfiguration(url: "http://h?key=to+ken&iss=&verify-iss=w")
        #expect(configuration.authorization == (try .bearer("to+ken")))
        #expect(configuration.verifyKey == nil)
        #expect(configuration.verifyIssuer == "w")
        let decoded = try GRIPProxyConfiguration(url: "http://h?key=base64:dG9rZW4=&verify-key=v")
        #expect(decoded.authorization == (try .bearer("token")))
        #expect(decoded.verifyKey == (try self.secret("v")))
    }

    @Test(arguments: [
        "base64:%00", "base64:_w", "a%20b", "%C3%A9", "%7B%22kty%22:%22oct%22%7D", "-----BEGIN%20X-----", "a%0D%0Ab",
    ])
    func aBearerTokenThatAHeaderCannotCarryIsRefused(key: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPProxyConfiguration(url: "http://h?key=\(key)") }
        #expect(error?.code == .key)
    }

    @Test(arguments: [
        "-----BEGIN%20EC%20PRIVATE%20KEY-----%5Cnx%5Cn-----END-----", "%7B%22kty%22:%22EC%22%7D", "%7Bjunk",
    ])
    func anAsymmetricKeyDoesNotVerify(key: String) throws {
        let configuration = try GRIPProxyConfiguration(url: "http://h?iss=i&key=\(key)")
        #expect(configuration.authorization != .none)
        #expect(configuration.verifyKey == nil)
    }

    @Test func aSecretJWKWithAnIssuerVerifies() throws {
        let url = "http://h?iss=i&key=%7B%22kty%22:%22oct%22,%22k%22:%22AA%22%7D"
        let configuration = try GRIPProxyConfiguration(url: url)
        #expect(configuration.verifyKey?.isSymmetric == true)
    }

    @Test func aPlusIsAPlus() throws {
        let configuration = try GRIPProxyConfiguration(url: "http://h?iss=a+b&key=base64:+/+/&verify-iss=c+d%20e&x=y+z")
        let key = try GRIPKey(secret: [0xFB, 0xFF, 0xBF])
        #expect(configuration.authorization == .token(issuer: "a+b", key: key))
        #expect(configuration.verifyIssuer == "c+d e")
        #expect(configuration.controlURI.query == "x=y+z")
    }

    @Test(arguments: [
        ("verify-iss=", nil), ("verify-iss", nil), ("verify-iss=&verify-iss=b", "b"),
        ("verify-iss=a&verify-iss=b", "a"),
        ("verify-iss=a&verify-iss=", "a"), ("verify-iss==", "="), ("verify%2Diss=%61", "a"), ("Verify-Iss=a", nil),
    ])
    func aBlankItemIsAbsentAndTheFirstCounts(query: String, issuer: String?) throws {
        #expect(try GRIPProxyConfiguration(url: "http://h?\(query)").verifyIssuer == issuer)
    }

    @Test(arguments: ["iss=%", "key=%4", "verify-iss=%zz", "verify-key=%FF", "key=%C3"])
    func anItemThatIsNotPercentEncodedUTF8IsRefused(query: String) {
        let error = #expect(throws: GRIPError.self) { try GRIPProxyConfiguration(url: "http://h?\(query)") }
        #expect(error?.code == .url)
    }

    @Test(arguments: [
        ("u:p", "u", "p"), ("u", "u", ""), ("u%3A:p%40:q", nil, ""), ("%C3%A9:p%2F", "é", "p/"),
        ("a@b:c", "a@b", "c"), (":p", "", "p"),
    ])
    func aUserAndPasswordAreBasicAuthorization(userInfo: String, user: String?, password: String) throws {
        let url = "http://\(userInfo)@h:1/x"
        if let user {
            let configuration = try GRIPProxyConfiguration(url: url)
            #expect(configuration.authorization == (try .basic(user: user, password: password)))
            #expect(configuration.controlURI.description == "http://h:1/x")
            #expect(try GRIPProxyConfiguration(url: url + "?key=k").authorization == .bearer("k"))
        } else {
            #expect(throws: GRIPError.self) { try GRIPProxyConfiguration(url: url) }
        }
    }
}
