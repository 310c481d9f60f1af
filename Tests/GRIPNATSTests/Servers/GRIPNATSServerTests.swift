import GRIP
import GRIPNATS
import Testing

@Suite("URLs of servers")
struct GRIPNATSServerTests {
    @Test(arguments: [
        ("nats://a.example", "a.example", 4222, false), ("nats://a:4223", "a", 4223, false),
        ("tls://a:1", "a", 1, true),
        ("a", "a", 4222, false), ("a:5", "a", 5, false), ("NATS://a/", "a", 4222, false),
        ("nats://[::1]:4222", "::1", 4222, false), ("[::1]", "::1", 4222, false),
        (" tls://127.0.0.1 ", "127.0.0.1", 4222, true),
    ])
    func goodOnes(url: String, host: String, port: Int, requiresTLS: Bool) throws {
        let server = try GRIPNATSServer(url)
        #expect(server.host == host && server.port == port && server.requiresTLS == requiresTLS)
        #expect(server.credentials == nil)
    }

    @Test(arguments: [
        "", "nats://", "http://a", "ws://a", "nats://a:0", "nats://a:65536", "nats://a:x", "nats://a:",
        "nats://::1:4222",
        "nats://a/b", "nats://a?b=c", "nats://u:p@", "nats://@a", "nats://:p@a", "nats://%zz@a", "nats://u:%f@a",
        "[::1",
        "[::1]x:4", "a b", "nats://a:+5", "://a",
    ])
    func badOnes(url: String) {
        let error = #expect(throws: GRIPNATSError.self) { try GRIPNATSServer(url) }
        #expect(error?.code == .url)
    }

    @Test func credentials() throws {
        let user = try GRIPNATSServer("nats://us%40er:p%2Fa%3As%2Cs@a:1")
        #expect(try user.credentials?.authorization(nonce: nil) == .user("us@er", password: "p/a:s,s"))
        #expect(try GRIPNATSServer("tls://u:@a").credentials?.authorization(nonce: nil) == .user("u", password: ""))
        #expect(try GRIPNATSServer("nats://s3cr3t@a").credentials?.authorization(nonce: nil) == .token("s3cr3t"))
        var dumped = ""
        dump(user, to: &dumped)
        #expect(!dumped.contains("p/a") && !"\(user)\(String(reflecting: user))".contains("p/a"))
        #expect("\(user)" == "a:1")
    }

    @Test func lists() throws {
        let servers = try GRIPNATSServer.list("nats://u:p@a:1, tls://b ,[::1]:2")
        #expect(servers.map(\.description) == ["a:1", "b:4222", "[::1]:2"])
        for text in ["", ",", "a,", ",a", "a,,b"] {
            #expect(throws: GRIPNATSError.self) { try GRIPNATSServer.list(text) }
        }
    }

    @Test func errorsQuoteNoPassword() {
        for url in ["nats://u:hunter2@a/b", "http://u:hunter2@a", "nats://u:hunter2@a:x", "nats://u:hunter2%@a"] {
            let error = #expect(throws: GRIPNATSError.self) { try GRIPNATSServer(url) }
            #expect(error?.reason.contains("hunter2") == false)
        }
    }

    /// A comma in a password that is not escaped makes hosts of its parts.
    @Test(arguments: [
        "nats://s3,cret@a", "nats://u:12,cret@a", "nats://u:s3,cret@a", "s3,cret@a", "nats://u:1,2,3@a",
        "tls://s3,u:cret@a",
        "nats://a,u:s3cret@b",
    ])
    func aPartOfAPasswordIsNoHost(text: String) {
        let error = #expect(throws: GRIPNATSError.self) { try GRIPNATSServer.list(text) }
        #expect(error?.code == .url)
        for part in ["s3", "cret"] { #expect(error?.reason.contains(part) == false) }
    }

    @Test(arguments: ["a,b", "a b", "a%40b", "a!b", "a$b", "a\"b", "[a,b]", "a\\b", "a&b", "[::1%e,0]"])
    func noHosts(host: String) {
        let error = #expect(throws: GRIPNATSError.self) { try GRIPNATSServer("nats://\(host):1") }
        #expect(error?.code == .url && error?.reason.contains(host) == false)
    }

    @Test(
        arguments: [
            ("a.example", nil, "a.example"), ("127.0.0.1", nil, nil), ("10.0.0.1", "a.example", "a.example"),
            ("10.0.0.1", "10.0.0.2", nil), ("::1", nil, nil),
        ] as [(String, String?, String?)]
    )
    func namesForCertificates(host: String, given: String?, expected: String?) {
        #expect(GRIPNATSServer(host: host, port: 1, certificateName: given).nameForCertificate == expected)
    }
}
