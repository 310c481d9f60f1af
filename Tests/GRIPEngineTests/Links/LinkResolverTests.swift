import GRIP
import GRIPEngine
import Testing

@Suite("Where links lead")
struct LinkResolverTests {
    private static func resolver(isSecure: Bool = false) -> LinkResolver {
        var resolver = LinkResolver("origin.example:8000", "/in/stream?x=1")
        resolver.authorities.append("example.com")
        resolver.isSecure = isSecure
        return resolver
    }

    @Test(
        "Links without a host, or with one of the route's, go back through the route",
        arguments: [
            ("next", "/in/next"), ("?a=b", "/in/stream?a=b"), ("/other", "/other"), ("../up", "/up"),
            ("//origin.example:8000/a", "/a"), ("http://example.com/b?c", "/b?c"), ("http://EXAMPLE.com:80", "/"),
            ("next#part", "/in/next"),
        ]
    )
    func route(text: String, path: String) throws {
        #expect(try Self.resolver().target(of: text).target == .route(path: path))
    }

    @Test(
        "Others lead to a server",
        arguments: [
            ("http://b/x", false, "b", 80, "b", "/x"), ("https://b:8443/x", true, "b", 8443, "b:8443", "/x"),
            ("https://b", true, "b", 443, "b", "/"),
            ("http://origin.example/x", false, "origin.example", 80, "origin.example", "/x"),
            ("https://example.com/x", true, "example.com", 443, "example.com", "/x"),
            ("http://[::1]:81/x", false, "::1", 81, "[::1]:81", "/x"),
        ] as [(String, Bool, String, Int, String, String)]
    )
    func server(text: String, isSecure: Bool, host: String, port: Int, authority: String, path: String) throws {
        let expected = LinkTarget.server(
            isSecure: isSecure,
            host: host,
            port: port,
            authority: authority,
            path: path
        )
        #expect(try Self.resolver().target(of: text).target == expected)
    }

    @Test(
        "A link names a path as the origin does or, where it begins with what the route takes away, as clients do",
        arguments: [
            ("path_beg=/sse,path_rem=4", "/sse/feed?x", "</s.php?a=1>", "/s.php?a=1"),
            ("path_beg=/sse,path_rem=4", "/sse/feed?x", "</sse/s.php?a=1>", "/s.php?a=1"),
            ("path_beg=/sse,path_rem=4", "/sse/feed?x", "<http://example.com/sse/a>", "/a"),
            ("path_beg=/sse,path_rem=4", "/sse/feed?x", "<http://example.com/a>", "/a"),
            ("path_beg=/sse,path_rem=4", "/sse/feed?x", "<next>", "/next"),
            ("path_beg=/sse,path_rem=4", "/sse/feed?x", "<?b>", "/feed?b"),
            ("path_beg=/sse,path_rem=4", "/sse/sse/feed", "<next>", "/sse/next"),
            ("path_beg=/sse,path_rem=4", "/sse", "</?/sse>", "/?/sse"),
            ("path_rem=4", "/sse/feed", "</s.php?a=1>", "/s.php?a=1"),
            ("path_rem=4", "/sse/feed", "</sse/s.php?a=1>", "/s.php?a=1"),
            ("path_rem=4", "/sse/feed", "<next>", "/next"),
            ("path_rem=4", "/sse/feed", "</>", "/"),
            ("path_beg=/t,path_rem=4", "/t/a/feed", "</t/b/next>", "/next"),
            ("path_beg=/out,replace_beg=/in", "/out/feed", "</out/next>", "/in/next"),
            ("path_beg=/out,replace_beg=/in", "/out/feed", "</in/next>", "/in/next"),
            ("path_beg=/out,replace_beg=/in", "/out/feed", "</other>", "/other"),
            ("path_beg=/api,replace_beg=/api/v2", "/api/feed", "<next>", "/api/v2/next"),
            ("path_beg=/api,replace_beg=/api/v2", "/api/feed", "</api/v2/next>", "/api/v2/next"),
            ("path_beg=/api,replace_beg=/api/v2", "/api/feed", "</api/next>", "/api/v2/next"),
            ("path_beg=/api/v1,replace_beg=/api", "/api/v1/feed", "</api/v1/next>", "/api/next"),
            ("path_beg=/api/v1,replace_beg=", "/api/v1/feed", "</api/v1/next>", "/next"),
            ("replace_beg=/in", "/feed", "<next>", "/in/next"),
            ("replace_beg=/in", "/feed", "</in/next>", "/in/next"),
            ("replace_beg=/in", "/feed", "</next>", "/in/next"),
        ]
    )
    func changedPaths(options: String, asked: String, link: String, path: String) throws {
        let route = try #require(RouteFile.parse("*,\(options) test").routes.first)
        var resolver = LinkResolver("example.com", route.changed(asked))
        resolver.clientPath = asked
        let text = String(link.dropFirst().dropLast())
        let (target, uri) = try resolver.target(of: text, along: route)
        #expect(target == .route(path: path))
        #expect(uri.path == path)
        // A page's own links are relative to the page as its origin knows it.
        #expect(
            try resolver.target(of: "?z", on: uri, along: route).target
                == .route(path: "\(path.prefix { $0 != "?" })?z")
        )
    }

    @Test("The path of a link to another server stays as it is")
    func foreignPaths() throws {
        let route = try #require(RouteFile.parse("*,path_beg=/in,path_rem=3 test").routes.first)
        let (target, _) = try Self.resolver().target(of: "http://b/in/x", along: route)
        #expect(target == .server(isSecure: false, host: "b", port: 80, authority: "b", path: "/in/x"))
    }

    @Test("Over TLS the route's own links are those with https")
    func secure() throws {
        let resolver = Self.resolver(isSecure: true)
        #expect(try resolver.target(of: "https://example.com:443/x").target == .route(path: "/x"))
        #expect(try resolver.target(of: "next").uri.scheme == "https")
        let other = try resolver.target(of: "http://example.com/x").target
        #expect(other == .server(isSecure: false, host: "example.com", port: 80, authority: "example.com", path: "/x"))
    }

    @Test("A link on a page is relative to the page")
    func page() throws {
        let first = try Self.resolver().target(of: "http://b/pages/1")
        let second = try Self.resolver().target(of: "2", on: first.uri)
        #expect(second.target == .server(isSecure: false, host: "b", port: 80, authority: "b", path: "/pages/2"))
        let back = try Self.resolver().target(of: "http://example.com/3", on: second.uri)
        #expect(back.target == .route(path: "/3"))
    }

    @Test(
        "What is no URI of HTTP is refused with the link's name",
        arguments: ["", "a b", "ftp://a/", "mailto:x", "http:///x", "http://a:port/", "/\u{e9}", "/a\r\nb"]
    )
    func refused(text: String) {
        let error = #expect(throws: GRIPError.self) { try Self.resolver().target(of: text) }
        // Line ends are escaped.
        #expect(error?.reason.contains("'\(LogText.cut(text))'") == true)
    }

    @Test("A next link has a timeout of its own or the usual one")
    func timeout() throws {
        let resolver = Self.resolver()
        #expect(try resolver.next(GRIPLink("/a", timeout: .seconds(7))).timeout == .seconds(7))
        #expect(try resolver.next(GRIPLink("/a")).timeout == HoldTerms.NextLink.defaultTimeout)
    }
}
