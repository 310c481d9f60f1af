import TestSupport
import Testing

@testable import GRIP

@Suite struct HostileURLTests {
    private static let seeds = [
        "http://localhost:5561?verify-iss=pushpin&verify-key=changeme", "https://u:p%40@h:443/a/b//?key=k&iss=i&x=1#f",
        "http://[::1]:5561/?key=base64:AAEC&iss=i", "https://api.fastly.com/service/a?key=t&verify-iss=fastly:a",
        "http://h?iss=i&key=%7B%22kty%22:%22oct%22%7D", "http://h?key=-----BEGIN%20X-----%5Cn&iss=i",
    ]

    private static let pieces = [
        "http", "https", "://", ":", "/", "//", "?", "&", "=", "#", "@", "[", "]", "%", "%2", "%41", "%00", "%FF",
        "+", "key",
        "iss", "verify-key=", "base64:", "80", "99999", " ", "\n", "\0", "é", "\u{301}", "..", "\\", "h", "::1",
        "-----BEGIN ",
    ]

    @Test(arguments: [21, 22, 23] as [UInt64])
    func whatIsAcceptedIsReadBackFromItsDescription(seed: UInt64) throws {
        var input = HostileBytes(seed: seed, seeds: Self.seeds, pieces: Self.pieces)
        var accepted = 0
        for _ in 0..<8000 {
            let text = input.nextText()
            if let uri = try? GRIPControlURI(text) { try #require(GRIPControlURI(uri.uri) == uri, "\(text)") }
            guard let configuration = try? GRIPProxyConfiguration(url: text) else { continue }
            accepted += 1
            let uri = configuration.controlURI
            try #require(GRIPControlURI(uri.uri) == uri, "\(text)")
            let publish = try GRIPControlURI(uri.publishURI)
            #expect(publish.path == uri.path + "/publish")
            #expect(publish.query == uri.query)
            #expect(!uri.host.isEmpty && !uri.path.hasSuffix("/"))
            #expect(uri.port.map { (1...65535).contains($0) } ?? true)
            #expect(uri.uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            if case .bearer(let token) = configuration.authorization.kind {
                #expect(token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
                #expect(configuration.verifyKey == nil || text.contains("verify") || text.contains("%"))
            }
        }
        #expect(accepted > 500)
    }

    @Test func aKeyIsReadOrRefusedWhateverTheText() throws {
        var input = HostileBytes(
            seed: 24,
            seeds: [
                "base64:AAEC", "-----BEGIN X-----\\nAA\\n-----END X-----", "{\"kty\":\"oct\",\"k\":\"AA\"}", "secret",
            ],
            pieces: Self.pieces + ["\\n", "\\", "{", "\"kty\":\"oct\"", "}"]
        )
        for _ in 0..<10_000 {
            let text = input.nextText()
            guard let key = try? GRIPKey(text) else { continue }
            #expect(!key.description.contains(text) || text.utf8.count < 16)
            if key.bearerToken != nil { #expect(key.isSymmetric) }
            if case .pem(let pem) = key.material { #expect(!pem.contains("\\n")) }
        }
    }
}
