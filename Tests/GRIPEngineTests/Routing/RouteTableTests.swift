import GRIP
import GRIPEngine
import Testing

@Suite struct RouteTableTests {
    private func table(_ text: String) -> RouteTable { RouteTable(RouteFile.parse(text).routes) }

    private func line(
        _ text: String,
        _ host: String,
        _ path: String = "/",
        _ transport: Route.Transport = .http,
        secure: Bool = false
    ) -> Int? {
        self.table(text).route(host: host, path: path, transport: transport, isSecure: secure)?.line
    }

    // RT2
    @Test func aHostWithRoutesDoesNotFallBack() {
        let text = "a,path_beg=/x test\n* test"
        #expect(self.line(text, "a", "/x/y") == 1)
        #expect(self.line(text, "a", "/y") == nil)
        #expect(self.line(text, "b", "/y") == 2)
    }

    @Test func hostsAreComparedWithoutCaseAndPort() {
        let text = "a.example test\n[::1] test\n* test"
        #expect(self.line(text, "A.Example:8080") == 1)
        #expect(self.line(text, "[::1]:80") == 2)
        #expect(self.line(text, "") == 3)
    }

    @Test func aTransportBeatsALongerPath() {
        let text = "*,path_beg=/long test\n*,proto=ws test\n*,path_beg=/long,proto=ws test"
        #expect(self.line(text, "a", "/long", .webSocket) == 3)
        #expect(self.line(text, "a", "/lo", .webSocket) == 2)
        #expect(self.line(text, "a", "/long") == 1)
        #expect(self.line(text, "a", "/lo") == nil)
    }

    @Test func aLongerPathBeatsTLS() {
        let text = "*,path_beg=/long test\n*,ssl=yes test\n* test"
        #expect(self.line(text, "a", "/long", secure: true) == 1)
        #expect(self.line(text, "a", "/", secure: true) == 2)
        #expect(self.line(text, "a", "/") == 3)
    }

    @Test func aQueryIsNoPath() {
        #expect(self.line("*,path_beg=/a?b test", "a", "/a?b") == nil)
        #expect(self.line("*,path_beg=/a test", "a", "/ab?c") == 1)
    }

    @Test func ofTwoWithTheSameConditionTheEarlierCounts() {
        let table = self.table("a,ssl=yes,id=x test\na,ssl=yes,id=y test\na test")
        #expect(table.route(host: "a", path: "/", transport: .http, isSecure: true)?.line == 1)
        #expect(table.route(id: "y", host: "a", path: "/", transport: .http, isSecure: true) == nil)
        #expect(table.problems.map(\.line) == [2])
    }

    @Test func idsFindRoutes() {
        let table = self.table(",id=x test\n,id=y test\n*,id=z test\n,id=z test")
        func line(_ id: String) -> Int? {
            table.route(id: id, host: "a", path: "/", transport: .http, isSecure: false)?.line
        }
        #expect(line("x") == 1)
        #expect(line("y") == 2)
        #expect(line("z") == nil)
        #expect(table.problems.map(\.line) == [4])
    }

    @Test(
        "A route that is named must match, and no other one takes its place",
        arguments: [
            ("x", "a", "/in/1", Route.Transport.http, true, 1), ("x", "A:80", "/in?2", .http, true, 1),
            ("x", "b", "/in/1", .http, true, nil), ("x", "a", "/other", .http, true, nil),
            ("x", "a", "/in/1", .webSocket, true, nil), ("x", "a", "/in/1", .http, false, nil),
            ("any", "a", "/", .http, false, 2), ("any", "", "/", .webSocket, false, 2),
            ("none", "a", "/in", .http, false, 3), ("none", "a", "/", .http, false, nil),
            ("unknown", "a", "/in/1", .http, true, nil), ("X", "a", "/in/1", .http, true, nil),
        ] as [(String, String, String, Route.Transport, Bool, Int?)]
    )
    func aNamedRouteMustMatch(
        id: String,
        host: String,
        path: String,
        transport: Route.Transport,
        isSecure: Bool,
        line: Int?
    ) {
        let table = self.table(
            "a,path_beg=/in,proto=http,ssl=yes,id=x test\n*,id=any test\n,path_beg=/in,id=none test\na test"
        )
        let route = table.route(id: id, host: host, path: path, transport: transport, isSecure: isSecure)
        #expect(route?.line == line)
    }

    @Test func selectionIsThatOfANaiveModel() {
        var random = SplitMix64(seed: 11)
        let hosts = ["*", "a", "b"]
        let paths = ["", "/", "/x", "/x/", "/x/y"]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
                var line = hosts.randomElement(using: &random) ?? "*"
                let path = paths.randomElement(using: &random) ?? ""
                if !path.isEmpty { line += ",path_beg=\(path)" }
                line += ["", "", ",proto=http", ",proto=ws"].randomElement(using: &random) ?? ""
                line += ["", "", ",ssl=yes", ",ssl=no"].randomElement(using: &random) ?? ""
                return line + " test"
            }.joined(separator: "\n")
            let routes = RouteFile.parse(text).routes
            let table = RouteTable(routes)
            for host in ["a", "b", "c"] {
                for path in paths.dropFirst() {
                    for transport in [Route.Transport.http, .webSocket] {
                        for secure in [true, false] {
                            let found = table.route(host: host, path: path, transport: transport, isSecure: secure)
                            #expect(found == Self.model(routes, host, path, transport, secure))
                        }
                    }
                }
            }
        }
    }

    private static func model(
        _ routes: [Route],
        _ host: String,
        _ path: String,
        _ transport: Route.Transport,
        _ secure: Bool
    ) -> Route? {
        let own = routes.filter { $0.condition.host == .name(host) }
        var best: (route: Route, rank: (Int, Int, Int))?
        for route in own.isEmpty ? routes.filter({ $0.condition.host == .any }) : own {
            let condition = route.condition
            if let wanted = condition.transport, wanted != transport { continue }
            if let wanted = condition.isSecure, wanted != secure { continue }
            guard path.hasPrefix(condition.pathPrefix) else { continue }
            let rank = (
                condition.transport == nil ? 0 : 1, condition.pathPrefix.count, condition.isSecure == nil ? 0 : 1
            )
            if let best, rank <= best.rank { continue }
            best = (route, rank)
        }
        return best?.route
    }
}
