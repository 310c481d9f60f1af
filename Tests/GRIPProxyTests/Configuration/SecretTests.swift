import GRIP
import Testing

@testable import GRIPProxy

@Suite("Nothing that is printed of a configuration holds a secret")
struct SecretTests {
    private static let secret = "sesame"

    /// All the ways in which a value is turned into text.
    private static func texts(_ value: some Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        dump(Optional(value), to: &dumped)
        return [String(describing: value), String(reflecting: value), "\([value])", "\(["k": value])", dumped]
    }

    private static func expectNoSecret(in texts: [String], _ comment: Comment) {
        for text in texts {
            for spelling in ["sesame", "c2VzYW1l", "115, 101", "[115"] { #expect(!text.contains(spelling), comment) }
        }
    }

    private static func configuration() throws -> GRIPProxyServerConfiguration {
        var configuration = GRIPProxyServerConfiguration()
        configuration.controlToken = "sesame"
        configuration.key = try GRIPKey("sesame")
        configuration.upstreamKey = try GRIPKey("base64:c2VzYW1l")
        configuration.routes = [
            "* localhost:8000,over_http",
            "a,sig_key=sesame,header=\"Authorization: Bearer sesame\",path_beg=/p localhost:8000",
        ]
        return configuration
    }

    @Test("The configuration and all that holds it")
    func configurations() throws {
        let configuration = try Self.configuration()
        var settings = ProxySettings(configuration: configuration)
        settings.routesFile = "/routes"
        let logger = CapturedLog().logger
        let service = RoutesFileService(settings: settings, logger: logger) { _ in }
        let server = try GRIPProxyServer(configuration: configuration, logger: logger)
        let values: [Any] = [
            configuration, settings, configuration.routes, configuration.routes[1], service, server,
            RoutesFollower(settings: settings, logger: logger), configuration.controlToken as Any,
        ]
        for value in values { Self.expectNoSecret(in: Self.texts(value), "\(type(of: value))") }
        for setting in ProxySetting.all { #expect(!setting.defaultText.contains("sesame")) }
    }

    @Test("A secret")
    func aSecret() {
        let secrets: [GRIPSecret] = ["sesame", GRIPSecret("sesame")]
        #expect(secrets[0] == secrets[1])
        Self.expectNoSecret(in: Self.texts(secrets[0]) + Self.texts(secrets), "a secret")
    }

    @Test("A line shows what is no secret")
    func line() throws {
        let line = try Self.configuration().routes[1]
        #expect(line.description == "a,sig_key=(redacted),header=(redacted),path_beg=/p localhost:8000")
        #expect(GRIPRouteLine("* localhost:8000,over_http").description == "* localhost:8000,over_http")
        #expect(GRIPRouteLine("*,sig_key=\"sesame").description == "(redacted)")
    }

    /// Lines with a mistake at, before and behind a secret.
    static let lines = [
        "*,sig_key:sesame a:1", "*,sigkey=sesame a:1", "*,sig_kye=sesame a:1", "*,sig_key=base64:sesame! a:1",
        "*,sig_key=a,sesame a:1", "*,sig_key= sesame a:1", "*,sig_key sesame a:1", "*,sig_key=a sesame a:1",
        "*,header=Authorization: sesame a:1", "*,header=Authorization:a,sesame a:1", "*,header:sesame a:1",
        "*,\"header=Authorization: sesame\" a:1", "*,heder=\"Authorization: sesame\" a:1",
        "*,header=\"Authorization: sesame a:1", "*,header=\"X: \\sesame\" a:1", "* user:sesame@localhost:8000",
        "* http://user:sesame@localhost:8000", "* a:1,sig_key=sesame", "* a:1,sig_key=sesame@h,sesame",
        "*,sig_key=a,sig_key=sesame,sesame a:1", "*,as_host=user:sesame@h a:1", "* a:1,host=user:sesame@h",
        "*,sig_key=a,path_rem=sesame a:1", "*,sig_key=a,proto=sesame a:1", "user:sesame@h a:1",
        "*,SIG_KEY=sesame a:1", "*,SIG_KEY:sesame a:1",
    ]

    @Test("Problems of routes", arguments: Self.lines)
    func problems(line: String) throws {
        Self.expectNoSecret(in: Self.texts(GRIPRouteLine(line)), "\(line)")
        let layer = ConfigurationLayer(source: "test", texts: ["routes": line])
        Self.expectNoSecret(in: Self.texts(layer), "\(line)")
        let (settings, problems) = ProxySettings.resolve([layer])
        Self.expectNoSecret(in: Self.texts(settings) + Self.texts(problems), "\(line)")
        #expect(!problems.isEmpty)
        let log = CapturedLog()
        let server = try? GRIPProxyServer(configuration: settings.configuration, logger: log.logger)
        Self.expectNoSecret(in: [log.text] + Self.texts(server as Any), "\(line)")
    }

    @Test(
        "Problems of a pushpin.conf",
        arguments: [
            "[proxy]\nsig_key=base64:sesame!\n", "[proxy]\nsig_key: sesame=\n", "[proxy]\nsig_key sesame=\n",
            "sig_key=sesame\n", "sig_key:sesame=\n", "[proxy]\nsig_kye=sesame\n", "[proxy]\nsesame\n",
            "[proxy sig_key=sesame\n", "[proxy]\nupstream_key=base64:sesame!\n",
        ]
    )
    func pushpinConfiguration(text: String) {
        let file = PushpinConfigurationFile(text, source: "pushpin.conf")
        let translation = PushpinTranslation(file)
        let shown = Self.texts(file) + Self.texts(translation) + Self.texts(translation.problems)
        Self.expectNoSecret(in: shown, "\(text)")
    }

    @Test(
        "Problems of a JSON file",
        arguments: [
            #"{"sigKey": "base64:sesame!"}"#, #"{"controlToken": "sesame sesame"}"#, #"{"sigKey": ["sesame"]}"#,
            #"{"controlToken": {"x": "sesame"}}"#, #"{"sigKye": "sesame"}"#, #"{"sigKey=sesame": 1}"#,
            #"{"sigKey": "sesame"#, #"{"sigKey": sesame}"#,
        ]
    )
    func json(text: String) {
        let layer = ConfigurationLayer.json(text, path: "proxy.json")
        let (settings, problems) = ProxySettings.resolve([layer])
        #expect(!problems.isEmpty)
        Self.expectNoSecret(in: Self.texts(layer) + Self.texts(settings) + Self.texts(problems), "\(text)")
    }

    @Test(
        "Problems of a command line",
        arguments: [
            ["sigKey=base64:sesame!"], ["sigKey:sesame="], ["controlToken=sesame sesame"], ["sesame"],
            ["sigKye=sesame"], ["sigKey=sesame", "sigKey=sesame"],
        ]
    )
    func commandLine(assignments: [String]) {
        let layer = ConfigurationLayer.commandLine(options: [:], assignments: assignments)
        let (settings, problems) = ProxySettings.resolve([layer])
        #expect(problems.contains { $0.isError })
        Self.expectNoSecret(in: Self.texts(layer) + Self.texts(settings) + Self.texts(problems), "\(assignments)")
    }

    @Test(
        "What a parser says about a command line",
        arguments: [
            (["--sig-key", "sesame"], "Unexpected argument 'sesame'", "Unexpected argument '(redacted)'"),
            (["--sig-key=sesame"], "no 'sesame' here", "no '(redacted)' here"),
            (["--sig-kye", "a", "sesame"], "'sesame' is wrong, a word", "'(redacted)' is wrong, a word"),
            (["--control-token", "a"], "Unexpected 'a'", "Unexpected '(redacted)'"),
            (["-uuser:sesame"], "'user:sesame'", "'(redacted)'"),
            (["-u", "u:sesame", "sesame-2"], "'sesame-2'", "'(redacted)'"),
            (["--debug", "word"], "Unexpected argument 'word'", "Unexpected argument 'word'"),
            ([], "Usage", "Usage"),
        ]
    )
    func redaction(arguments: [String], message: String, expected: String) {
        let redaction = CommandLineRedaction(arguments, secretOptions: ["--sig-key", "--control-token", "-u"])
        #expect(redaction.redacted(message) == expected)
    }
}
