import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("What links of a held connection ask for, and what their pages mean")
struct LinkContextTests {
    private static let uri = URIReference(scheme: "http", authority: "example.com", path: "/in/stream")

    private static func context(
        _ line: String = "*,prefix=p- a:1,sub=all b:2,sub=second",
        target: Int = 0,
        limit: Int = 10
    ) throws -> LinkContext {
        let route = try #require(RouteFile.parse(line).routes.first)
        var resolver = LinkResolver("a:1", "/in/stream")
        resolver.authorities.append("example.com")
        return LinkContext(route: route, target: route.targets[target], resolver: resolver, subscriptions: limit)
    }

    private static func page(
        _ fields: KeyValuePairs<String, String>,
        _ body: String = "body",
        status: HTTPResponse.Status = .ok,
        in context: LinkContext? = nil
    ) throws -> HoldPage {
        let head = HTTPResponse(status: status, headerFields: .fields(fields))
        return try (context ?? Self.context()).page(head, ByteBuffer(string: body), at: Self.uri)
    }

    // MARK: Requests

    @Test("A link through the route is asked for at one target after the other, as the origin knows it")
    func targets() throws {
        let context = try Self.context("*,replace_beg=/in,path_beg=/out a:1,host=inner b:2,ssl")
        let link = LinkTarget.route(path: "/in/next")
        #expect(context.attempts(for: link) == 2)
        let first = context.request(.get, link, policy: HeaderPolicy(), token: nil)
        #expect(first.destination == .server(OriginServer(host: "a", port: 1)))
        #expect(first.authority == "inner")
        #expect(first.path == "/in/next")
        #expect(first.bodyLength == .none)
        let second = context.request(.get, link, attempt: 1, policy: HeaderPolicy(), token: nil)
        #expect(second.destination == .server(OriginServer(host: "b", port: 2, tls: .init(serverName: "example.com"))))
        #expect(second.authority == "example.com")
    }

    @Test("A link to another server is asked for there alone")
    func server() throws {
        let link = LinkTarget.server(isSecure: true, host: "c", port: 443, authority: "c", path: "/x")
        let context = try Self.context()
        #expect(context.attempts(for: link) == 1)
        let request = context.request(.post, link, policy: HeaderPolicy(), token: nil)
        #expect(request.destination == .server(OriginServer(host: "c", port: 443, tls: .init(serverName: "c"))))
        #expect(request.method == .post)
        #expect(request.bodyLength == .known(0))
    }

    @Test("Links of an origin that is not trusted do not lead to internal addresses")
    func untrusted() throws {
        let link = LinkTarget.server(isSecure: false, host: "10.0.0.1", port: 80, authority: "10.0.0.1", path: "/")
        let context = try Self.context("* a:1,untrusted")
        var server = OriginServer(host: "10.0.0.1", port: 80)
        server.isUntrusted = true
        #expect(context.request(.get, link, policy: HeaderPolicy(), token: nil).destination == .server(server))
    }

    @Test("The origin is told what the client has seen and who asks, and nothing of a client")
    func fields() throws {
        var policy = HeaderPolicy()
        policy.forwardedProtocol = .both
        let request = try Self.context().request(
            .get,
            .route(path: "/x"),
            lastIDs: [HeaderPolicy.LastID(channel: "c", id: "4")],
            policy: policy,
            token: "signed"
        )
        #expect(request.fields[.gripLast] == "c; last-id=4")
        #expect(request.fields[.gripSig] == "signed")
        #expect(!request.fields.contains { $0.name.rawName.lowercased().hasPrefix("x-forwarded") })
    }

    @Test("Signatures and a route's own fields are not for servers that the route does not name")
    func secrets() throws {
        let context = try Self.context("*,header=X-Key:s a:1")
        let link = LinkTarget.server(isSecure: true, host: "c", port: 443, authority: "c", path: "/x")
        let outside = context.request(.get, link, policy: HeaderPolicy(), token: "signed")
        #expect(outside.fields[.gripSig] == nil)
        #expect(!outside.fields.contains { $0.value == "s" })
        let inside = context.request(.get, .route(path: "/x"), policy: HeaderPolicy(), token: "signed")
        #expect(inside.fields[.gripSig] == "signed")
        #expect(inside.fields.contains { $0.value == "s" })
    }

    // MARK: Pages

    @Test("A page holds, leads on, or is the last one")
    func continuation() throws {
        let hold = try Self.page(["Grip-Hold": "stream", "Grip-Channel": "c; prev-id=3", "Grip-Link": "<n>; rel=next"])
        #expect(hold.continuation == .hold)
        #expect(hold.channels.map(\.name) == ["all", "p-c"])
        #expect(hold.channels.map(\.previousID) == [nil, "3"])
        #expect(hold.terms.nextLink?.target == .route(path: "/in/n"))
        #expect(hold.body == ByteBuffer(string: "body"))
        #expect(try Self.page(["Grip-Link": "<n>; rel=next"]).continuation == .follow)
        #expect(try Self.page([:]).continuation == .end)
    }

    @Test("A page may be a document with instructions")
    func document() throws {
        let json = #"{"hold":{"mode":"stream","channels":[{"name":"c"}]},"response":{"body":"from the document"}}"#
        let page = try Self.page(["Content-Type": "application/grip-instruct"], json)
        #expect(page.continuation == .hold)
        #expect(page.channels.map(\.name) == ["all", "p-c"])
        #expect(page.body == ByteBuffer(string: "from the document"))
    }

    @Test("Channels over the limit are named")
    func limit() throws {
        let context = try Self.context(target: 1, limit: 2)
        let page = try Self.page(["Grip-Hold": "stream", "Grip-Channel": "c, d, e"], in: context)
        #expect(page.channels.map(\.name) == ["second", "p-c"])
        #expect(page.leftOut == ["p-d", "p-e"])
    }

    @Test("A page that fails may be there later", arguments: [199, 304, 404, 500])
    func status(code: Int) throws {
        #expect(throws: LinkContext.PageError.status(code)) {
            try Self.page(["Grip-Hold": "stream"], status: HTTPResponse.Status(code: code))
        }
    }

    @Test(
        "Instructions that make no sense on a page make it useless",
        arguments: [
            ["Grip-Hold": "response", "Grip-Channel": "c"], ["Grip-Hold": "what"],
            ["Grip-Link": "<ftp://x/>; rel=next"], ["Content-Type": "application/grip-instruct"],
        ]
    )
    func unusable(fields: [String: String]) throws {
        let context = try Self.context()
        var head = HTTPResponse(status: .ok)
        for (name, value) in fields { head.headerFields[try #require(HTTPField.Name(name))] = value }
        let error = #expect(throws: LinkContext.PageError.self) {
            try context.page(head, ByteBuffer(string: "{"), at: Self.uri)
        }
        guard case .unusable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
    }
}
