import GRIP
import GRIPProxy
import Testing

@Suite("The configuration file")
struct JSONFileTests {
    private static func resolve(_ text: String) -> (settings: ProxySettings, problems: [ConfigurationProblem]) {
        ProxySettings.resolve([
            ConfigurationLayer(source: "", texts: ["routes": "* test"]), .json(text, path: "proxy.json"),
        ])
    }

    @Test("Values have their JSON types, lists also as one text or number")
    func values() throws {
        let (settings, problems) = Self.resolve(
            """
            {
                "listeners": [7999, "[::1]:80"], "controlListeners": 5561,
                "routes": ["* a:1", "b c:2"],
                "debug": true, "sigKey": null,
                "limits": {"requestHead": 1000}, "limits.connections": 7,
                "timeouts": {"drainMs": 0}
            }
            """
        )
        #expect(problems.isEmpty)
        let configuration = settings.configuration
        #expect(configuration.listeners == [.tcp(host: "*", port: 7999), .tcp(host: "::1", port: 80)])
        #expect(configuration.controlListeners == [.tcp(host: "localhost", port: 5561)])
        #expect(configuration.routes == ["* a:1", "b c:2"])
        #expect(configuration.isDebugging)
        #expect(configuration.key == nil)
        #expect(configuration.limits.requestHead == 1000)
        #expect(configuration.limits.connections == 7)
        #expect(configuration.timeouts.drain == .zero)
    }

    static let bad: [(String, String)] = [
        (#"{"limits": {"conections": 1}}"#, "unknown key 'limits.conections'; did you mean 'limits.connections'?"),
        (#"{"limit": {"connections": 1}}"#, "unknown key 'limit'; did you mean 'limits'?"),
        (#"{"sig_key": "s3cr3t"}"#, "unknown key 'sig_key'; did you mean 'sigKey'?"),
        (#"{"nonsense": {"a": [1]}}"#, "unknown key 'nonsense'; remove it or correct its name"),
        (#"{"": 1}"#, "a member of the file has an empty name; remove it or give it the name of a setting"),
        (#"{"limits": {"": 1}}"#, "a member of 'limits' has an empty name; remove it or give it the name of a setting"),
        (#"{"limits": 5}"#, "'limits' is not an object"),
        (#"{"limits": {"connections": [1]}}"#, "'limits.connections' is not of the type 'integer'"),
        (#"{"limits": {"connections": {"a": 1}}}"#, "'limits.connections' is not of the type 'integer'"),
        (#"{"limits": {"connections": "many"}}"#, "'limits.connections' is not an integer"),
        (#"{"limits": {"connections": 1.5}}"#, "'limits.connections' is not an integer"),
        (#"{"debug": "perhaps"}"#, "'debug' is neither true nor false"),
        (#"{"routes": [true]}"#, "'routes' is not of the type 'routes'"),
        (#"{"sigKey": 12345}"#, "'sigKey' is not a string"),
        (#"[]"#, "is not a JSON object"),
    ]

    @Test(
        "A file that is not JSON is told with the place",
        arguments: [
            (#"{"a": }"#, "1:7: error: the file is not JSON: not a JSON value"),
            (
                "{\n  \"debug\": true\n  \"threads\": 2\n}",
                "3:3: error: the file is not JSON: expected ',' or the closing bracket"
            ),
            ("\u{FEFF}{é}", "1:2: error: the file is not JSON: expected a member name"),
            ("", "1:1: error: the file is not JSON: unexpected end"),
        ]
    )
    func places(text: String, expected: String) {
        #expect(Self.resolve(text).problems.map(\.description) == ["proxy.json:\(expected)"])
    }

    @Test("Each mistake is told, and no value is shown", arguments: Self.bad)
    func mistakes(text: String, reason: String) {
        let problems = Self.resolve(text).problems
        #expect(problems.map(\.description) == ["proxy.json: error: \(reason)"])
    }

    @Test("A file that is not there is an error of that file")
    func missingFile() {
        let problems = ProxySettings.resolve([.json(file: "/does/not/exist.json")]).problems
        #expect(problems.first?.description.hasPrefix("/does/not/exist.json: error: cannot be read: ") == true)
    }

    @Test("No text, however broken, is more than a list of problems")
    func hostileText() {
        var generator = SplitMix64(seed: 11)
        let pieces = [
            "{", "}", "[", "]", ":", ",", "\"limits\"", "\"connections\"", "\"routes\"", "\"a\"", "1", "1e999", "null",
            "true", "\"\"", "\"limits.connections\"", "-0", " ",
        ]
        for _ in 0..<1000 {
            let count = Int.random(in: 0...12, using: &generator)
            let text = (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
            let (settings, _) = Self.resolve(text)
            #expect(throws: Never.self) { try settings.configuration.validate() }
        }
    }
}
