import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("What links lead to")
struct HoldPageTests {
    private static let uri = URIReference(scheme: "http", authority: "test", path: "/pages/1?x")

    private static func context(_ line: String = "*,prefix=p- a:1,sub=own b:2") throws -> LinkContext {
        let route = try #require(RouteFile.parse(line).routes.first)
        return LinkContext(
            route: route,
            target: route.targets.first,
            resolver: LinkResolver("test", "/"),
            subscriptions: 3
        )
    }

    private static func page(
        _ fields: KeyValuePairs<String, String>,
        _ body: String = "",
        status: HTTPResponse.Status = .ok
    ) throws -> HoldPage {
        let head = HTTPResponse(status: status, headerFields: .fields(fields))
        return try Self.context().page(head, ByteBuffer(string: body), at: Self.uri)
    }

    @Test("A page says how the stream goes on")
    func continuation() throws {
        #expect(try Self.page([:]).continuation == .end)
        #expect(try Self.page(["Grip-Link": "<2>; rel=next"]).continuation == .follow)
        #expect(try Self.page(["Grip-Hold": "stream"]).continuation == .hold)
        #expect(try Self.page(["Grip-Hold": "stream", "Grip-Link": "<2>; rel=next"]).continuation == .hold)
        #expect(try Self.page(["Grip-Link": "<2>; rel=gone"], status: .accepted).continuation == .end)
    }

    @Test("A page replaces all terms")
    func terms() throws {
        let fields: KeyValuePairs<String, String> = [
            "Grip-Hold": "stream", "Grip-Keep-Alive": "k; timeout=7", "Grip-Set-Meta": "user=al", "Grip-Status": "404",
            "Grip-Channel": "c; prev-id=1, d", "Grip-Channel": "e", "Grip-Link": "<2>; rel=next",
        ]
        let page = try Self.page(fields, "body")
        #expect(page.body == "body")
        #expect(page.channels.map(\.name) == ["own", "p-c", "p-d"])
        #expect(page.channels.lastIDs == [HeaderPolicy.LastID(channel: "c", id: "1")])
        #expect(page.terms.meta == ["user": "al"])
        #expect(page.terms.keepAlive == GRIPKeepAlive(unchecked: "k", seconds: 7, mode: .idle))
        // Links are relative to the page that they are on.
        #expect(page.terms.nextLink?.target == .route(path: "/pages/2"))
        #expect(page.terms.nextLink?.timeout == .seconds(120))
    }

    @Test("A page can be a document")
    func document() throws {
        let json = #"{"hold":{"mode":"stream","channels":[{"name":"c"}]},"response":{"body":"x"}}"#
        let page = try Self.page(["Content-Type": "application/grip-instruct"], json)
        #expect(page.continuation == .hold)
        #expect(page.body == "x")
    }

    @Test("A page with an error status may come later", arguments: [199, 300, 404, 500])
    func status(code: Int) {
        #expect(throws: LinkContext.PageError.status(code)) {
            try Self.page(["Grip-Hold": "stream"], status: HTTPResponse.Status(code: code))
        }
    }

    @Test(
        "A page with instructions that make no sense is of no use",
        arguments: [
            ["Grip-Hold": "response"], ["Grip-Hold": "x"], ["Grip-Link": "<ftp://x/>; rel=next"],
            ["Content-Type": "application/grip-instruct"],
        ] as [KeyValuePairs<String, String>]
    )
    func unusable(fields: KeyValuePairs<String, String>) {
        #expect {
            try Self.page(fields, "x")
        } throws: { error in
            if case .unusable? = error as? LinkContext.PageError { true } else { false }
        }
    }

    @Test("A gone link is posted to, with nothing of what the client has")
    func goneLink() throws {
        let context = try Self.context()
        let request = context.request(.post, .route(path: "/gone?x"), policy: HeaderPolicy(), token: "t")
        #expect(request.destination == .server(OriginServer(host: "a", port: 1)))
        #expect(request.path == "/gone?x")
        #expect(request.bodyLength == .known(0))
        #expect(request.fields[values: .gripSig] == ["t"])
        #expect(request.fields[values: .gripLast] == [])
    }

    @Test("A next link tells what the client has, and can be asked for at each target")
    func nextLink() throws {
        let context = try Self.context()
        let lastIDs = [HeaderPolicy.LastID(channel: "c", id: "1"), HeaderPolicy.LastID(channel: "d", id: "")]
        #expect(context.attempts(for: .route(path: "/")) == 2)
        for (attempt, host) in ["a", "b", "b"].enumerated() {
            let request = context.request(
                .get,
                .route(path: "/next"),
                attempt: attempt,
                lastIDs: lastIDs,
                policy: HeaderPolicy(),
                token: nil
            )
            #expect(request.destination == .server(OriginServer(host: host, port: host == "a" ? 1 : 2)))
            #expect(request.bodyLength == .none)
            #expect(request.fields[values: .gripLast] == ["c; last-id=1", "d; last-id="])
        }
    }
}
