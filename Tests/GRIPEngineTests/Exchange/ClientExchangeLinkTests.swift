import GRIP
import GRIPEngine
import HTTPTypes
import NIOCore
import Testing

@Suite("Exchanges whose response has links or a status of its own")
struct ClientExchangeLinkTests {
    private static func exchange(_ options: String = "", query: String = "") throws -> ClientExchange {
        let route = try #require(RouteFile.parse("*,replace_beg=/in,path_beg=/out\(options) a:1").routes.first)
        let request = ClientRequest(
            method: .get,
            authority: "example.com",
            path: "/out/x\(query)",
            fields: [:],
            peerAddress: "192.0.2.1"
        )
        var rules = ExchangeRules()
        rules.instructedBody = 4
        let prepared = try ClientExchange.prepare(request, route: route, rules: rules)
        var exchange = ClientExchange(prepared.request, route: route, jsonp: prepared.jsonp, rules: rules, token: nil)
        _ = exchange.begin() + exchange.originWritabilityChanged(true) + exchange.endBody(nil)
        return exchange
    }

    /// What comes of a response with these fields and this body.
    private static func actions(
        _ fields: KeyValuePairs<String, String>,
        body: String
    ) throws -> [ClientExchange.Action] {
        var exchange = try Self.exchange()
        return exchange.receiveHead(HTTPResponse(status: .ok, headerFields: .fields(fields)))
            + exchange.receiveResponseBody(ByteBuffer(string: body)) + exchange.endResponse(nil)
    }

    @Test("Links are resolved for the hold, and lead where the origin knows them", arguments: ["1234", "12345"])
    func links(body: String) throws {
        let actions = try Self.actions(
            ["Grip-Hold": "stream", "Grip-Link": "<next?a>; rel=next; timeout=7, <http://b/gone>; rel=gone"],
            body: body
        )
        guard case .hold(let start) = try #require(actions.last) else {
            Issue.record("there is no hold")
            return
        }
        let next = try #require(start.terms.nextLink)
        #expect(next.target == .route(path: "/in/next?a"))
        #expect(next.uri == URIReference(scheme: "http", authority: "example.com", path: "/in/next?a"))
        #expect(next.timeout == .seconds(7))
        #expect(start.goneLink == .server(isSecure: false, host: "b", port: 80, authority: "b", path: "/gone"))
        #expect(start.hasBegun == (body.utf8.count > 4))
    }

    @Test(
        "A link that leads nowhere is refused before anything is sent, however long the body is",
        arguments: ["<ftp://x/>; rel=next", "<mailto:x>; rel=gone"],
        ["1234", "12345"]
    )
    func badLink(link: String, body: String) throws {
        let actions = try Self.actions(["Grip-Hold": "stream", "Grip-Link": link], body: body)
        #expect(actions.count == 3)
        #expect(actions.first == .cancelOrigin)
        #expect(actions.last == .respond(.originFailed))
    }

    @Test("Instructions for somebody else are not followed, however long a script's response is", arguments: [4, 5])
    func instructionsForOthers(count: Int) throws {
        var exchange = try Self.exchange(",no_grip,aco", query: "?callback=cb")
        let fields = HTTPFields.fields(["Grip-Hold": "stream", "Grip-Channel": "c"])
        let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: count)
        let actions =
            exchange.receiveHead(HTTPResponse(status: .ok, headerFields: fields)) + exchange.receiveResponseBody(body)
            + exchange.endResponse(nil)
        guard case .respond = try #require(actions.last) else {
            Issue.record("\(actions)")
            return
        }
        #expect(!actions.contains { if case .begin = $0 { true } else { false } })
    }
}
