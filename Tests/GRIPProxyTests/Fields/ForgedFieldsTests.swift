import GRIP
import GRIPProxy
import Testing

/// A proxy never signs what only a proxy may say.
@Suite("What clients say in a proxy's name", .timeLimit(.minutes(5)))
struct ForgedFieldsTests {
    private static let overHTTP = ["*,proto=ws ORIGIN,over_http", "* ORIGIN"]

    private static func signing(_ configuration: inout GRIPProxyServerConfiguration) throws {
        configuration.key = try GRIPKey("secret")
    }

    private static func post(_ fields: String, to path: String = "/x", body: String = "OPEN\r\n") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test(
        "Events are refused on every route that is signed",
        arguments: [
            (["*,proto=ws ORIGIN,over_http", "* ORIGIN"], "/x"),
            (["*,path_beg=/ws ORIGIN,over_http", "* ORIGIN"], "/%77s"), (["* ORIGIN"], "/"),
        ]
    )
    func routes(routes: [String], path: String) async throws {
        let request = Self.post(
            "Content-Type: application/websocket-events\r\nConnection-Id: 1\r\nMeta-User: admin",
            to: path
        )
        let passage = try await Passage.of(request, routes: routes, Self.signing)
        #expect(passage.status == 403)
        #expect(passage.asked == [])
    }

    @Test(
        "Events are refused however their type is written",
        arguments: [
            "Content-Type: application/websocket-events; charset=utf-8", "content-type:APPLICATION/WebSocket-Events",
            "Content-Type: application/websocket-events ;x", "Content-Type: text/plain, application/websocket-events",
            "Content-Type: application/websocket-events,text/plain",
            "Content-Type: text/plain\r\nContent-Type: application/websocket-events",
            "Content-Type: application/websocket-events\r\nContent-Type: text/plain",
            "Content-Type:\tapplication/websocket-events\t", "Content-Type: \"application/websocket-events\"",
            "Content-Type: text/plain; application/websocket-events", "Content_Type: application/websocket-events",
        ]
    )
    func types(field: String) async throws {
        let passage = try await Passage.of(Self.post(field), routes: Self.overHTTP, Self.signing)
        #expect(passage.status == 403)
        #expect(passage.asked == [])
    }

    @Test(
        "Other types pass",
        arguments: ["application/websocket-eventsx", "text/plain;a=b", "x-application/websocket-events"]
    )
    func otherTypes(type: String) async throws {
        let passage = try await Passage.of(Self.post("Content-Type: \(type)"), routes: Self.overHTTP, Self.signing)
        #expect(passage.status == 200)
    }

    private static let forged = [
        "Meta-User: forged", "meta-user: forged", "Connection-Id: forged", "Content-Bytes-Replayed: forged",
        "Grip-Sig: forged", "Grip-Last: forged", "Grip_Sig: forged", "grip_feature: forged", "Grip.Sig: forged",
        "Meta_User: forged", "META_USER: forged", "Meta.User: forged", "Connection_Id: forged",
        "X_Forwarded_For: forged", "X_Forwarded-Proto: forged", "Transfer_Encoding: forged",
        "Content_Length: forged", "Content_Type: forged", "Proxy-Authorization: forged", "Proxy_Authorization: forged",
        "Proxy-Connection: forged", "Sec_WebSocket_Extensions: forged",
    ]

    @Test("They end at the proxy", arguments: Self.forged)
    func fields(field: String) async throws {
        let get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(field)\r\nX-Own: 1\r\n\r\n"
        let lines = try await Passage.of(get, Self.signing).askedLines()
        #expect(!lines.contains { $0.contains("forged") })
        #expect(lines.contains("x-own: 1"))
        #expect(lines.contains { $0.hasPrefix("grip-sig: ") })
        // A body makes another reader read the head.
        let post = Self.post("\(field)\r\nX-Own: 1", body: "x")
        #expect(try await !Passage.of(post, Self.signing).askedLines().contains { $0.contains("forged") })
    }

    @Test("Neither do they pass as trailers", arguments: Self.forged + ["Set-Cookie: forged", "Cookie: forged"])
    func trailers(field: String) async throws {
        let request = """
            POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
            1\r\nx\r\n0\r\n\(field)\r\nX-Own: 1\r\n\r\n
            """
        let lines = try await Passage.of(request, Self.signing).askedLines()
        #expect(!lines.contains { $0.contains("forged") })
        #expect(lines.last == "x-own: 1")
    }

    @Test("They do not pass in a handshake", arguments: Self.forged, ["", ",over_http"])
    func handshakes(field: String, target: String) async throws {
        let request = """
            GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Type: application/websocket-events\r\n\(field)\r\n\r\n
            """
        let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
        let passage = try await Passage.of(request, routes: ["* ORIGIN\(target)"], answer: refusal, Self.signing)
        let lines = try passage.askedLines()
        #expect(!lines.contains { $0.contains("forged") })
        #expect(lines.count { $0.contains("websocket-events") } == (target.isEmpty ? 0 : 2))
    }

    @Test("A route's own fields are not doubled by names that are taken for theirs")
    func ofTheRoute() async throws {
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX_User: forged\r\nX-User: forged\r\n\r\n"
        let lines = try await Passage.of(request, routes: ["*,header=X-User:own ORIGIN"]).askedLines()
        #expect(!lines.contains { $0.contains("forged") })
        #expect(lines.contains("x-user: own"))
    }

    @Test("Where nothing is signed, other proxies' words pass")
    func withoutGRIP() async throws {
        let request = Self.post("Content-Type: application/websocket-events\r\nConnection-Id: 1\r\nMeta-User: ann")
        let lines = try await Passage.of(request, routes: ["*,no_grip ORIGIN"], Self.signing).askedLines()
        #expect(lines.contains("meta-user: ann"))
        #expect(!lines.contains { $0.hasPrefix("grip-sig") })
    }

    @Test("Scripts cannot say them in a query", arguments: [true, false])
    func scripts(hasEvents: Bool) async throws {
        let type = hasEvents ? "application%2Fwebsocket-events" : "text%2Fplain"
        let names = ["Meta-User", "Connection-Id", "Grip_Sig", "Meta_User", "X-Forwarded-For", "X_Forwarded_For"]
        let headers = names.map { "%22\($0)%22:%22forged%22" } + ["%22Content-Type%22:%22\(type)%22"]
        let query = "callback=f&_method=POST&_headers={\(headers.joined(separator: ","))}&_body=OPEN%0D%0A"
        let request = "GET /x?\(query) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
        let passage = try await Passage.of(request, routes: ["*,aco ORIGIN"], Self.signing)
        if hasEvents {
            #expect(passage.answered.contains(#""code": 403"#))
            #expect(passage.asked == [])
        } else {
            let lines = try passage.askedLines()
            #expect(!lines.contains { $0.contains("forged") })
            #expect(lines.contains("x-forwarded-for: 192.0.2.1"))
        }
    }

    @Test("TRACE shows the client nothing that it must not have")
    func trace() async throws {
        let request =
            "TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: s=1\r\nAuthorization: Basic eA==\r\n\r\n"
        let routes = ["*,header=\"X-Key: s3cret\" ORIGIN"]
        let lines = try await Passage.of(request, routes: routes, Self.signing).askedLines()
        for name in ["grip-sig", "cookie", "authorization", "x-key"] {
            #expect(!lines.contains { $0.hasPrefix(name) }, "\(name)")
        }
    }
}
