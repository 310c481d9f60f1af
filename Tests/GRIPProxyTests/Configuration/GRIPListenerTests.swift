import GRIP
import GRIPProxy
import GRIPPublisher
import Testing

@Suite("Listeners")
struct GRIPListenerTests {
    static let addresses: [(String, GRIPListener)] = [
        ("7999", .tcp(host: "*", port: 7999)),
        ("*:7999", .tcp(host: "*", port: 7999)),
        ("0.0.0.0:7999", .tcp(host: "0.0.0.0", port: 7999)),
        ("0", .tcp(host: "*", port: 0)),
        ("127.0.0.1:80", .tcp(host: "127.0.0.1", port: 80)),
        ("localhost:65535", .tcp(host: "localhost", port: 65535)),
        ("[::1]:80", .tcp(host: "::1", port: 80)),
        ("unix:/run/grip.sock", .unixDomainSocket(path: "/run/grip.sock")),
        ("unix:grip.sock", .unixDomainSocket(path: "/etc/grip/grip.sock")),
    ]

    @Test("An address is a port, a host and a port, or a socket", arguments: Self.addresses)
    func parsing(text: String, listener: GRIPListener) throws {
        #expect(try GRIPListener(text, defaultHost: "*", folder: "/etc/grip") == listener)
    }

    @Test("An address reads as users write it", arguments: Self.addresses.map(\.1))
    func description(listener: GRIPListener) throws {
        #expect(try GRIPListener(listener.description, defaultHost: "unused") == listener)
    }

    @Test(
        "What is no address is refused with what to write instead",
        arguments: [
            "", ":", ":80", "80:", "host", "host:", "host:x", "host:65536", "host:-1", "65536", "-1", "+80", "8 0",
            "::1", "::1:80", "[::1]", "[::1]80", "[]:80", "[host]:80", "::1]:80", "[*]:80", "a b:80", "a,b:80",
            "http://host:80",
            "unix:", "unix:/run/", "host:８０",
        ]
    )
    func refusal(text: String) throws {
        let error = try #require(throws: InvalidValue.self) { try GRIPListener(text, defaultHost: "0.0.0.0") }
        #expect(error.reason.contains("unix:/path"))
    }

    @Test("A socket's path is short enough for all systems")
    func pathLength() throws {
        let longest = "/" + String(repeating: "a", count: 102)
        #expect(try GRIPListener("unix:" + longest, defaultHost: "") == .unixDomainSocket(path: longest))
        #expect(throws: InvalidValue.self) { try GRIPListener("unix:\(longest)a", defaultHost: "") }
    }

    @Test("Whatever is accepted can be written and read again, and nothing traps")
    func randomText() {
        var generator = SplitMix64(seed: 7)
        let pieces = [
            "unix:", "[", "]", ":", "::1", "80", "a", "/", ".", " ", ",", "ü", "\u{0}", "99999999999999999999",
        ]
        for _ in 0..<10_000 {
            let count = Int.random(in: 0...5, using: &generator)
            let text = (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
            guard let listener = try? GRIPListener(text, defaultHost: "::") else { continue }
            #expect((try? GRIPListener(listener.description, defaultHost: "")) == listener, "\(text)")
        }
    }
}
