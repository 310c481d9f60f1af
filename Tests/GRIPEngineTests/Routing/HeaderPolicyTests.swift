import GRIP
import GRIPEngine
import HTTPTypes
import Testing

@Suite struct HeaderPolicyTests {
    typealias Line = (name: String, value: String)

    private func fields(_ lines: [Line]) -> HTTPFields {
        HTTPFields(
            lines.compactMap { line in HTTPField.Name(line.name).map { HTTPField(name: $0, value: line.value) } }
        )
    }

    private func origin(
        _ lines: [Line],
        policy: HeaderPolicy = HeaderPolicy(),
        route: String = "* test",
        client: HeaderPolicy.Client = .init(peerAddress: "9.9.9.9"),
        lastIDs: [HeaderPolicy.LastID] = []
    ) throws -> [String] {
        let route = try #require(RouteFile.parse(route).routes.first)
        return policy.requestFields(self.fields(lines), from: client, route: route, token: "token", lastIDs: lastIDs)
            .map { "\($0.name.rawName): \($0.value)" }
    }

    private let features =
        "Grip-Feature: status, session, link:next, link:gone, filter:skip-self, filter:skip-users, "
        + "filter:require-sub, filter:build-id, filter:var-subst"

    // RQ1, RQ3
    @Test func theProxySpeaksGRIPAndItsClientsDoNot() throws {
        let lines: [Line] = [
            ("X-A", "1"), ("grip-sig", "x"), ("Grip-Last", "a; last-id=1"), ("GRIP-FOO", "x"), ("X-B", "2"),
        ]
        let result = try self.origin(lines, lastIDs: [.init(channel: "c", id: "i"), .init(channel: "d", id: "j")])
        #expect(
            result == [
                "X-A: 1", "X-B: 2", "Grip-Sig: token", "Accept-Encoding: identity", self.features,
                "Grip-Last: c; last-id=i", "Grip-Last: d; last-id=j",
            ]
        )
    }

    // RQ4, RQ5
    @Test func hopByHopHeadersEndHere() throws {
        let lines: [Line] = [
            ("Connection", "X-Hop, close"), ("connection", "content-encoding, cookie, grip-x"), ("X-Hop", "1"),
            ("Keep-Alive", "5"), ("Accept-Encoding", "gzip"), ("Transfer-Encoding", "chunked"),
            ("Expect", "100-continue"), ("Content-Encoding", "gzip"), ("TE", "trailers"), ("Cookie", "a"),
            ("Meta-User", "bob"), ("Upgrade", "h2c"), ("Unknown", "x"),
        ]
        let result = try self.origin(lines, route: "*,no_grip test")
        #expect(
            result == [
                "Accept-Encoding: gzip", "Content-Encoding: gzip", "TE: trailers", "Cookie: a", "Meta-User: bob",
                "Unknown: x",
            ]
        )
    }

    // RQ6
    @Test func whatAClientSaysAboutTLSIsNotForwarded() throws {
        let lines: [Line] = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Protocol", "https")]
        #expect(try self.origin(lines, route: "*,no_grip test").isEmpty)
        var policy = HeaderPolicy()
        policy.forwardedProtocol = .both
        let client = HeaderPolicy.Client(peerAddress: "9.9.9.9", transport: .webSocket, isSecure: true)
        #expect(
            try self.origin(lines, policy: policy, route: "*,no_grip test", client: client)
                == ["X-Forwarded-Proto: wss", "X-Forwarded-Protocol: wss"]
        )
        policy.forwardedProtocol = .off
        #expect(try self.origin(lines, policy: policy, route: "*,no_grip test").count == 2)
        #expect(!policy.isSecure(self.fields(lines), overTLS: false))
        policy.acceptsForwardedProtocol = true
        #expect(policy.isSecure(self.fields(lines), overTLS: false))
        #expect(try self.origin(lines, policy: policy, route: "*,no_grip test").isEmpty)
    }

    // RQ7, RQ8
    @Test(arguments: [
        ("", "1.2.3.4, 5.6.7.8"), ("append", "1.2.3.4, 5.6.7.8, 9.9.9.9"), ("truncate:0,append", "9.9.9.9"),
        ("truncate:1", "5.6.7.8"), ("truncate:0", nil),
    ])
    func addressesAreForwarded(rule: String, expected: String?) throws {
        var policy = HeaderPolicy()
        policy.forwardedFor = try #require(ForwardedFor(rule))
        let lines: [Line] = [("X-Forwarded-For", "1.2.3.4"), ("x-forwarded-for", "5.6.7.8"), ("A", "b")]
        let result = try self.origin(lines, policy: policy, route: "*,no_grip test")
        #expect(result == ["A: b"] + (expected.map { ["X-Forwarded-For: \($0)"] } ?? []))
    }

    @Test(arguments: ["prepend", "truncate:", "truncate:-1", "truncate:x"])
    func aRuleThatIsNoneIsRefused(text: String) { #expect(ForwardedFor(text) == nil) }

    // RQ9
    @Test func loopsCanBeSeen() throws {
        var policy = HeaderPolicy()
        policy.cdnLoopToken = "tok"
        let result = try self.origin([("CDN-Loop", "a"), ("CDN-Loop", "b")], policy: policy, route: "*,no_grip test")
        #expect(result == ["CDN-Loop: a, b, tok"])
    }

    // RQ10
    @Test func aRouteSetsHeaders() throws {
        let route = "*,no_grip,header=X-A:1,header=X-B,header=Grip-Foo:1 test"
        let lines: [Line] = [("X-A", "9"), ("X-B", "9"), ("Connection", "X-A")]
        #expect(try self.origin(lines, route: route) == ["X-A: 1"])
    }

    // RQ12
    @Test func aTrustedClientSpeaksForItself() throws {
        let client = HeaderPolicy.Client(peerAddress: "9.9.9.9", isTrusted: true)
        let lines: [Line] = [("Grip-Sig", "theirs"), ("Grip-Feature", "x"), ("Connection", "Grip-Sig")]
        var policy = HeaderPolicy()
        policy.forwardedForTrusted.appends = true
        #expect(
            try self.origin(lines, policy: policy, client: client)
                == ["Grip-Sig: theirs", "Grip-Feature: x", "X-Forwarded-For: 9.9.9.9"]
        )
    }

    // RQ14
    @Test func aRouteWithoutGRIPSignsNothing() throws {
        #expect(try self.origin([("Grip-Sig", "x")], route: "*,no_grip test").isEmpty)
    }

    @Test func aHandshakeOffersOnlyGRIP() throws {
        let lines: [Line] = [("Sec-WebSocket-Extensions", "permessage-deflate")]
        for isTrusted in [true, false] {
            let client = HeaderPolicy.Client(peerAddress: "", transport: .webSocket, isTrusted: isTrusted)
            #expect(try self.origin(lines, client: client).contains("Sec-WebSocket-Extensions: grip"))
            #expect(try self.origin(lines, route: "*,no_grip test", client: client).isEmpty)
        }
    }

    @Test func theChoiceOfARouteEndsHere() throws {
        var policy = HeaderPolicy()
        #expect(try self.origin([("Pushpin-Route", "x")], policy: policy, route: "*,no_grip test").count == 1)
        policy.acceptsRouteHeader = true
        #expect(try self.origin([("Pushpin-Route", "x")], policy: policy, route: "*,no_grip test").isEmpty)
    }

    @Test func clientsNameARouteWhereThatIsAllowed() throws {
        var policy = HeaderPolicy()
        let name = try #require(HTTPField.Name("Pushpin-Route"))
        #expect(policy.routeID([name: "x"]) == nil)
        policy.acceptsRouteHeader = true
        #expect(policy.routeID([name: "x"]) == "x")
        #expect(policy.routeID([name: ""]) == nil)
        #expect(policy.routeID([:]) == nil)
    }

    @Test(
        arguments: ["X_A", "x.a", "X~A", "Grip_Sig", "Transfer_Encoding", "Proxy-Authorization", "Proxy-Connection"],
        [true, false]
    )
    func namesThatAreTakenForOthersEndHere(name: String, isTrusted: Bool) throws {
        let client = HeaderPolicy.Client(peerAddress: "", isTrusted: isTrusted)
        for route in ["*,header=X-A:1 test", "*,no_grip,header=X-A:1 test"] {
            #expect(try !self.origin([(name, "forged")], route: route, client: client).joined().contains("forged"))
        }
    }

    @Test func aProxyThatIsTrustedSpeaksOfItsClients() throws {
        let client = HeaderPolicy.Client(peerAddress: "", isTrusted: true)
        let lines: [Line] = [("Meta-User", "ann"), ("Connection-Id", "1"), ("Meta_User", "forged")]
        #expect(try self.origin(lines, client: client) == ["Meta-User: ann", "Connection-Id: 1"])
    }

    @Test func nothingSecretIsShown() throws {
        let lines: [Line] = [("Cookie", "a"), ("Authorization", "b"), ("X-B", "2")]
        for isTrusted in [true, false] {
            let client = HeaderPolicy.Client(peerAddress: "", isTrusted: isTrusted, isShownRequest: true)
            let sent = lines + [("Grip-Sig", "theirs")]
            #expect(try self.origin(sent, route: "*,header=X-A:1 test", client: client) == ["X-B: 2"])
        }
    }

    @Test func trailersPassByTheSameRules() throws {
        let names = [
            "X-A", "x_a", "Grip-Sig", "Meta-User", "Meta_User", "Connection-Id", "Set-Cookie", "X-Forwarded-For",
            "Content-Length", "Content_Type", "Trailer", "X-Named", "Content-Digest", "grpc-status", "ETag",
        ]
        let trailers = self.fields(names.map { ($0, "1") })
        let route = try #require(RouteFile.parse("*,header=X-A:1 test").routes.first)
        let head: HTTPFields = [.connection: "x-named"]
        let passed = HeaderPolicy.requestTrailers(trailers, route: route, after: head)
        #expect(passed?.fields.map(\.name.rawName) == ["Content-Digest", "grpc-status", "ETag"])
        #expect(HeaderPolicy.responseTrailers(self.fields([("Set-Cookie", "1"), ("Grip-Hold", "stream")])) == nil)
        #expect(HeaderPolicy.responseTrailers(self.fields([("X-A", "1")]))?.fields.count == 1)
    }

    @Test func fieldsOfTheConnectionAreNotOnesOfInstructions() {
        let names = [
            "TE", "Trailer", "Upgrade", "Proxy-Connection", "Proxy-Authenticate", "Proxy-X", "Keep-Alive", "Connection",
            "Transfer-Encoding", "X-A",
        ]
        let fields = HeaderPolicy.responseFields(self.fields(names.map { ($0, "1") }), kind: .instructed)
        #expect(fields.map(\.name.rawName) == ["X-A"])
    }

    // RQ12, RQ14
    @Test func responsesLoseWhatIsOnlyForTheProxy() {
        let lines: [Line] = [
            ("Set-Cookie", "a"), ("Connection", "X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "5"), ("Grip-Hold", "stream"),
            ("Transfer-Encoding", "chunked"), ("Content-Length", "3"), ("Content-Encoding", "br"), ("Set-Cookie", "b"),
            ("GRIP-FOO", "x"),
        ]
        let fields = self.fields(lines)
        let relayed = HeaderPolicy.responseFields(fields, kind: .relayed)
        #expect(
            relayed.map(\.name.canonicalName) == [
                "set-cookie", "grip-hold", "content-length", "content-encoding", "set-cookie", "grip-foo",
            ]
        )
        let instructed = HeaderPolicy.responseFields(fields, kind: .instructed)
        #expect(instructed.map(\.name.canonicalName) == ["set-cookie", "content-encoding", "set-cookie"])
        let exposed = HeaderPolicy.responseFields(fields, kind: .instructed, exposing: [.setCookie])
        #expect(exposed.map(\.value) == ["a", "b"])
    }
}
