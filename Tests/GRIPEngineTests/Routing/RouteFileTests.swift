import GRIP
import GRIPEngine
import HTTPTypes
import Testing

@Suite struct RouteFileTests {
    typealias Section = RouteLine.Section

    @Test(arguments: [
        ("apple", [Section(value: "apple")]),
        ("  apple \t banana  ", [Section(value: "apple"), Section(value: "banana")]),
        ("apple # banana", [Section(value: "apple")]),
        ("apple#banana", [Section(value: "apple")]),
        (#""apple # \"banana\" \\" b"#, [Section(value: #"apple # "banana" \"#), Section(value: "b")]),
        (
            #"apple,type=gala,organic"#,
            [Section(value: "apple", properties: [.init(name: "type", value: "gala"), .init(name: "organic")])]
        ),
        ("apple,type=", [Section(value: "apple", properties: [.init(name: "type", value: "")])]),
        ("apple,type=a=b", [Section(value: "apple", properties: [.init(name: "type", value: "a=b")])]),
        (#"apple,"type"="ga la"x"#, [Section(value: "apple", properties: [.init(name: "type", value: "ga lax")])]),
        (",organic", [Section(value: "", properties: [.init(name: "organic")])]),
        ("type=gala", [Section(value: "", properties: [.init(name: "type", value: "gala")])]),
        (#""""#, [Section(value: "")]),
        ("", []), ("   # nothing", []),
    ])
    func aLineIsSplitIntoWords(text: String, sections: [Section]) throws {
        let line = try RouteLine(parsing: text)
        #expect(line.sections == sections)
        #expect(try RouteLine(parsing: line.text) == line)
    }

    @Test(arguments: [
        ("apple \"banana", 7, "a quote is not closed"),
        ("apple \"banana\\", 14, "an escape is not finished"),
        (#"apple "b\n""#, 9, #"only \\ and \" are escapes"#),
        ("apple,", 7, "an option is empty"),
        ("apple,,a", 7, "an option is empty"),
        ("apple,=x", 7, "an option has no name"),
    ])
    func whatIsWrongHasAPlace(text: String, column: Int, reason: String) {
        let (routes, problems) = RouteFile.parse("# first\n\(text)\r\n* localhost:80\n")
        #expect(routes.map(\.line) == [3])
        #expect(problems == [RouteProblem(.error, line: 2, column: column, reason)])
    }

    @Test func optionsOfAConditionAreRead() throws {
        let line =
            "Example.COM,path_beg=/a,proto=ws,ssl=no,id=x,prefix=p-,replace_beg=/b,as_host=h:81,sig_iss=me,"
            + "sig_key=secret,header=X-A:1,header=\"X-B: 2:3\",header=X-C,debug,no_grip,aco,jsonp_mode=basic,"
            + "jsonp_cb=cb,jsonp_body=b,jsonp_defcb=d,jsonp_defmethod=GET,log_level=2 test"
        let (routes, problems) = RouteFile.parse(line)
        #expect(problems.isEmpty)
        let route = try #require(routes.first)
        #expect(route.condition.host == .name("example.com"))
        #expect(route.condition.pathPrefix == "/a")
        #expect(route.condition.transport == .webSocket)
        #expect(route.condition.isSecure == false)
        #expect(route.id == "x")
        #expect(route.channelPrefix == "p-")
        #expect(route.pathChange == .replacePrefix("/b"))
        #expect(route.hostOverride == "h:81")
        #expect(route.issuer == "me")
        #expect(try route.key == .key(GRIPKey("secret")))
        #expect(route.headers.map(\.value) == ["1", "2:3", ""])
        #expect(route.isDebugging && !route.usesGRIP && route.allowsCrossOrigin)
        #expect(route.jsonp?.mode == .basic)
        #expect(route.jsonp?.callbackParameter == "cb")
        #expect(route.jsonp?.defaultMethod == .get)
        #expect(route.logLevel == 2)
        #expect(route.targets.map(\.destination) == [.test])
    }

    @Test func optionsOfATargetAreRead() throws {
        let text =
            "* a:80,over_http,one_event,ssl,host=h,insecure,trust_connect_host,untrusted,sub=x,sub=y [::1]:443"
        let (routes, problems) = RouteFile.parse(text)
        #expect(problems.isEmpty)
        var first = RouteTarget(.server(host: "a", port: 80))
        first.usesWebSocketOverHTTP = true
        first.sendsOneEvent = true
        first.usesTLS = true
        first.hostOverride = "h"
        first.acceptsAnyCertificate = true
        first.trustsConnectHost = true
        first.isUntrusted = true
        first.subscriptions = ["x", "y"]
        #expect(routes.first?.targets == [first, RouteTarget(.server(host: "::1", port: 443))])
    }

    @Test(arguments: [
        ("* localhost", 3, "target 'localhost' has no port"),
        ("* localhost:0", 3, "'localhost:0' is not a target; it is written host:port"),
        ("* zhttp/tcp://a:1", 3, "targets over ZeroMQ are not supported"),
        ("*", 1, "a route needs a target"),
        ("*,path_bge=/a test", 3, "unknown option 'path_bge'; did you mean 'path_beg'?"),
        ("*,colour=red test", 3, "unknown option 'colour'"),
        ("* test,over_htp", 8, "unknown option 'over_htp'; did you mean 'over_http'?"),
        ("*,ssl=maybe test", 3, "'ssl' is yes or no, not 'maybe'"),
        ("*,path_beg= test", 3, "'path_beg' needs a value"),
        ("*,path_rem=-1 test", 3, "'path_rem' needs a number, not '-1'"),
        ("*,path_rem=1,replace_beg=/a test", 14, "'path_rem' and 'replace_beg' exclude each other"),
        ("*,id=a,id=b test", 8, "'id' is given twice"),
        ("*,sig_key=base64:! test", 3, "'sig_key' is not a key"),
        (
            "*,\"header=X Y:1\" test", 3,
            "an option with a secret is not written correctly; write header=\"NAME: VALUE\""
        ),
        ("*,header=\"X Y:1\" test", 3, "'header' needs a header's name, a colon and a value"),
        ("*,debug=no test", 3, "'debug' takes no value; leave it out to switch it off"),
        ("a:80 test", 1, "'a:80' is not a host name without port"),
    ])
    func anErrorLeavesTheLineOut(text: String, column: Int, reason: String) {
        let (routes, problems) = RouteFile.parse(text)
        #expect(routes.isEmpty)
        #expect(problems == [RouteProblem(.error, line: 1, column: column, reason)])
    }

    @Test(
        "What Pushpin takes is a warning where its files are read",
        arguments: [
            ("*,grip,id=a test", 3, "unknown option 'grip' has no effect"),
            ("*,id=a,path_bge=/a test", 8, "unknown option 'path_bge' has no effect; did you mean 'path_beg'?"),
            ("*,id=a test,over_htp", 13, "unknown option 'over_htp' has no effect; did you mean 'over_http'?"),
            ("*,id=b,id=a test", 8, "'id' is given twice; the last one counts"),
            ("*,id=a test,host=b,host=c", 20, "'host' is given twice; the last one counts"),
            (
                "*,id=a,debug=no test", 8,
                "'debug' takes no value; leave it out to switch it off; as it stands, it is on"
            ),
            ("*,id=a,path_rem=x test", 8, "'path_rem' needs a number, not 'x'; it has no effect"),
            (
                "*,id=a,path_rem=1,replace_beg=/a test", 19,
                "'path_rem' and 'replace_beg' exclude each other; 'replace_beg' is the one that counts"
            ),
        ]
    )
    func pushpin(text: String, column: Int, reason: String) throws {
        let (routes, problems) = RouteFile.parse(text, dialect: .pushpin)
        #expect(problems == [RouteProblem(.warning, line: 1, column: column, reason)])
        let route = try #require(routes.first)
        #expect(route.id == "a")
        #expect(route.targets.first?.hostOverride == (text.contains("host=") ? "c" : nil))
        let (own, errors) = RouteFile.parse(text)
        #expect(own.isEmpty)
        #expect(errors.count == 1 && errors.allSatisfy { $0.severity == .error })
    }

    @Test("Of a path's two changes Pushpin makes the one of the prefix", arguments: [true, false])
    func pathChanges(isFirst: Bool) {
        let options = isFirst ? "replace_beg=/a,path_rem=1" : "path_rem=1,replace_beg=/a"
        #expect(
            RouteFile.parse("*,\(options) test", dialect: .pushpin).routes.first?.pathChange == .replacePrefix("/a")
        )
    }

    @Test(
        "What is wrong for Pushpin too stays an error",
        arguments: ["*,ssl=maybe test", "*,path_beg= test", "* a", "*,a, b:1"]
    )
    func wrongForPushpin(text: String) {
        let (routes, problems) = RouteFile.parse(text, dialect: .pushpin)
        #expect(routes.isEmpty)
        #expect(problems.count == 1 && problems.allSatisfy { $0.severity == .error })
    }

    @Test(
        "A host that is a pattern matches nothing, which is told",
        arguments: ["*.example.com", ".example.com", "a*", "^a$"]
    )
    func patterns(host: String) {
        let (routes, problems) = RouteFile.parse("\(host) test")
        #expect(routes.count == 1)
        #expect(
            problems.map(\.description) == [
                "1:1: warning: no request has the host '\(host)': hosts are compared letter by letter; name each one, or "
                    + "write '*' for all"
            ]
        )
        #expect(RouteFile.parse("a-b_c.example. test\nA.b test\n::1 test\n[fe80::1%eth0] test").problems.isEmpty)
    }

    @Test(arguments: ["sockjs=/s", "sockjs_as_path=/p", "session", "orig_headers"])
    func whatIsNotSupportedIsNamed(option: String) throws {
        let (routes, problems) = RouteFile.parse("*,\(option) test")
        #expect(routes.count == 1)
        let problem = try #require(problems.first)
        #expect(problem.severity == .warning)
        #expect(problem.reason == "'\(option.prefix { $0 != "=" })' is not supported and has no effect")
    }

    @Test func hostsHaveManyForms() {
        let (routes, problems) = RouteFile.parse(",id=x test\n\"\" test\n::1 test\n[::2] test\n")
        #expect(routes.map(\.condition.host) == [.none, .none, .name("::1"), .name("::2")])
        #expect(problems.map(\.line) == [2])
    }

    @Test func problemsDoNotShowKeys() {
        let (_, problems) = RouteFile.parse("*,sig_key=base64:hunter2!,sig_key=hunter2 test")
        #expect(problems.count == 2)
        #expect(!problems.description.contains("hunter2"))
    }

    @Test func randomFilesDoNotHarm() throws {
        let words = [
            "*", " ", ",", "=", "\"", "\\", "#", "\n", "\r\n", "\t", "host", "a:80", "[::1]:80", "test", "path_beg",
            "/p",
            "ssl", "yes", "header", "X:1", "sub", "é", "id", "sig_key", "zhttp/x", "path_rem", "99999999999", "\0",
        ]
        let model =
            "*,path_beg=/a,id=\"x y\",header=\"X-A: \\\"1\\\"\" a:80,over_http,sub=a test # end\nb,ssl=yes [::1]:1\n"
        var random = SplitMix64(seed: 7)
        for round in 0..<10_000 {
            var text: String
            if round.isMultiple(of: 2) {
                text = (0..<Int.random(in: 0..<30, using: &random)).map { _ in words.randomElement(using: &random) ?? ""
                }
                .joined()
            } else {
                var bytes = Array(model.utf8)
                for _ in 0..<Int.random(in: 1..<5, using: &random) {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: index)
                    default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: index)
                    }
                }
                text = String(decoding: bytes, as: UTF8.self)
            }
            let (routes, problems) = RouteFile.parse(text)
            let count = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(routes.allSatisfy { (1...count).contains($0.line) && !$0.targets.isEmpty })
            #expect(problems.allSatisfy { (1...count).contains($0.line) && $0.column >= 1 })
            _ = RouteTable(routes)
            for scalars in text.unicodeScalars.split(separator: "\n") {
                guard let line = try? RouteLine(parsing: String(String.UnicodeScalarView(scalars))) else { continue }
                #expect(try RouteLine(parsing: line.text) == line)
            }
        }
    }
}
