import GRIP
import GRIPEngine
import Testing

/// References of links against the examples of RFC 3986 section 5.4.
///
/// Fragments are for clients, so they are left out; a reference with another scheme is no link, whatever its path.
@Suite("URI reference") struct URIReferenceTests {
    private func resolve(_ reference: String, against base: String = "http://a/b/c/d;p?q") throws -> String {
        let base = try #require(URIReference(base))
        let uri = base.resolving(try #require(URIReference(reference)))
        return "\(uri.scheme ?? "")://\(uri.authority ?? "")\(uri.path)"
    }

    @Test(
        "Normal examples",
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"), ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"), ("g;x", "http://a/b/c/g;x"), ("g;x?y#s", "http://a/b/c/g;x?y"),
            (".", "http://a/b/c/"), ("./", "http://a/b/c/"), ("..", "http://a/b/"), ("../", "http://a/b/"),
            ("../g", "http://a/b/g"), ("../..", "http://a/"), ("../../", "http://a/"), ("../../g", "http://a/g"),
        ]
    )
    func normal(reference: String, expected: String) throws { #expect(try self.resolve(reference) == expected) }

    @Test(
        "Abnormal examples",
        arguments: [
            ("../../../g", "http://a/g"), ("../../../../g", "http://a/g"), ("/./g", "http://a/g"),
            ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), (".g", "http://a/b/c/.g"), ("g..", "http://a/b/c/g.."),
            ("..g", "http://a/b/c/..g"), ("./../g", "http://a/b/g"), ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"), ("g/../h", "http://a/b/c/h"), ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "http://a/b/c/y"), ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g?y/../x", "http://a/b/c/g?y/../x"), ("g#s/./x", "http://a/b/c/g"), ("g#s/../x", "http://a/b/c/g"),
            // Section 5.2.2 lets the base's own scheme be ignored.
            ("http:g", "http://a/b/c/g"),
        ]
    )
    func abnormal(reference: String, expected: String) throws { #expect(try self.resolve(reference) == expected) }

    @Test("A whole URI is itself, without what its path goes back over")
    func absolute() throws {
        #expect(try self.resolve("HTTPS://b:81/x/../y?z") == "https://b:81/y?z")
        #expect(try self.resolve("http://b") == "http://b/")
        #expect(try self.resolve("http://b?q") == "http://b/?q")
        #expect(try self.resolve("x", against: "http://a") == "http://a/x")
    }

    @Test("What a request line cannot hold is no URI", arguments: ["", "a b", "a\tb", "a\r\nb", "a\0", "é", "\u{7F}"])
    func invalid(text: String) { #expect(URIReference(text) == nil) }

    @Test("Whatever is resolved has a path that goes up nowhere", arguments: 1...4 as ClosedRange<UInt64>)
    func hostile(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let position = WalkPosition(seed: seed)
        let parts = ["/", ".", "..", "//", "?", "#", "a", "%2e", ":", "http:", "@", ";", "[", "]", "\\", "b.c"]
        let base = try #require(URIReference("http://a/b/c/d;p?q"))
        for step in 0..<10_000 {
            position.step = step
            let count = Int.random(in: 1...12, using: &random)
            let text = (0..<count).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            guard let reference = URIReference(text) else { continue }
            let uri = base.resolving(reference)
            let path = uri.path.prefix { $0 != "?" }
            position.check(path.hasPrefix("/"), "\(text) leads to \(uri.path)")
            position.check(!path.split(separator: "/").contains { $0 == ".." || $0 == "." }, "\(text) → \(uri.path)")
            position.check(!uri.path.contains("#"), "\(text) leads to \(uri.path)")
            position.check(uri.scheme != nil, "\(text) leads nowhere")
            // Resolved once more, it stays where it is.
            position.check(base.resolving(uri) == uri || uri.authority == nil, "\(text) leads to \(uri) and on")
        }
    }
}
