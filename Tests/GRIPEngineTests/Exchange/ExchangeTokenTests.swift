import GRIP
import GRIPEngine
import HTTPTypes
import Testing

@Suite("The token that signs requests") struct ExchangeTokenTests {
    @Test("Nothing that holds it shows it")
    func shown() throws {
        let token: GRIPSecret = "hush"
        let request = ClientRequest(method: .get, authority: "a", path: "/", fields: [:], peerAddress: "127.0.0.1")
        let route = try #require(RouteFile.parse("* test").routes.first)
        let exchange = ClientExchange(request, route: route, rules: ExchangeRules(), token: token)
        var dumped = ""
        dump(token, to: &dumped)
        dump(exchange, to: &dumped)
        dump([token: token], to: &dumped)
        for text in [dumped, "\(token)", "\(exchange)", String(reflecting: token), String(reflecting: exchange)] {
            #expect(!text.contains("hush"))
        }
        #expect("\(token)" == "(redacted)")
        #expect(token.text == "hush")
    }
}
