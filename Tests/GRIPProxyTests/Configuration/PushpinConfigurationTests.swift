import GRIP
import GRIPEngine
import GRIPProxy
import GRIPPublisher
import Logging
import Testing

@Suite("Reading pushpin.conf")
struct PushpinConfigurationTests {
    private static func resolve(
        _ text: String,
        files: [String: String] = [:]
    ) -> (settings: ProxySettings, problems: [ConfigurationProblem]) {
        let files = files.merging(["/etc/pushpin/pushpin.conf": text]) { $1 }
        let layer = ConfigurationLayer.pushpin(file: "/etc/pushpin/pushpin.conf") { path throws(SmallFile.Failure) in
            guard let text = files[path] else { throw SmallFile.Failure(path: path, reason: "it is not there") }
            return text
        }
        // Routes that are given keep the routes file from being looked for.
        let routes = ConfigurationLayer(source: "command line", texts: ["routes": "* test"])
        return ProxySettings.resolve([layer, routes])
    }

    @Test("The file that Pushpin ships with is the defaults, without a warning")
    func shippedFile() throws {
        let (settings, problems) = Self.resolve(ShippedFiles.configuration)
        #expect(problems.isEmpty)
        var expected = GRIPProxyServerConfiguration()
        expected.routes = ["* test"]
        expected.controlListeners = [.tcp(host: "127.0.0.1", port: 5561)]
        expected.limits.requestHead = 8192
        expected.key = try GRIPKey("changeme")
        #expect(settings.configuration == expected)
        #expect(settings.logLevel == .info)
    }

    @Test("What matters is taken over")
    func mapping() throws {
        let (settings, problems) = Self.resolve(
            """
            [global]
            rundir=/run/pp
            ipc_prefix=one-
            port_offset=10
            [runner]
            http_port=80,127.0.0.1:81
            local_ports={rundir}/{ipc_prefix}server
            local_port_mode=660
            local_port_user=root
            local_port_group=0
            client_buffer_size=1000
            client_maxconn=1001
            log_level=3
            [proxy]
            debug=true
            auto_cross_origin=true
            accept_x_forwarded_protocol=true
            set_x_forwarded_protocol=true
            x_forwarded_for="truncate:0,append"
            x_forwarded_for_trusted=append
            accept_pushpin_route=true
            cdn_loop=me
            sig_iss=issuer
            sig_key=base64:c2VjcmV0
            upstream_key=other
            [handler]
            push_in_http_addr=::1
            push_in_http_port=5561
            push_in_http_max_headers_size=1002
            push_in_http_max_body_size=1003
            message_wait=1004
            id_cache_ttl=5
            connection_subscription_max=6
            subscription_linger=7
            update_on_first_subscription=false
            """
        )
        #expect(problems.isEmpty)
        var expected = GRIPProxyServerConfiguration()
        expected.listeners = [
            .tcp(host: "*", port: 80), .tcp(host: "127.0.0.1", port: 81),
            .unixDomainSocket(path: "/run/pp/one-server"),
        ]
        expected.socketPermissions = GRIPSocketPermissions(mode: 0o660, user: "root", group: "0")
        expected.controlListeners = [.tcp(host: "::1", port: 5571)]
        expected.routes = ["* test"]
        expected.isDebugging = true
        expected.allowsCrossOrigin = true
        expected.issuer = "issuer"
        expected.key = try GRIPKey("secret")
        expected.upstreamKey = try GRIPKey("other")
        expected.forwarding.protocolHeaders = .both
        expected.forwarding.acceptsForwardedProtocol = true
        expected.forwarding.forwardedFor = "truncate:0,append"
        expected.forwarding.forwardedForTrusted = "append"
        expected.forwarding.acceptsRouteHeader = true
        expected.forwarding.cdnLoopToken = "me"
        expected.limits.requestHead = 1000
        expected.limits.connections = 1001
        expected.limits.controlHead = 1002
        expected.limits.controlBody = 1003
        expected.limits.subscriptionsPerConnection = 6
        expected.delivery.sequenceWait = .milliseconds(1004)
        expected.delivery.idLifetime = .seconds(5)
        expected.delivery.subscriptionLinger = .seconds(7)
        expected.delivery.updatesOnFirstSubscription = false
        #expect(settings.configuration == expected)
        #expect(settings.logLevel == .debug)
    }

    static let words: [(String, GRIPProxyServerConfiguration.Forwarding.ProtocolHeaders)] = [
        ("proto-only", .proto), ("true", .both), ("false", .off),
    ]

    @Test("X-Forwarded-Proto has three words", arguments: Self.words)
    func protocolHeaders(
        word: String,
        headers: GRIPProxyServerConfiguration.Forwarding.ProtocolHeaders
    ) {
        let settings = Self.resolve("[proxy]\nset_x_forwarded_protocol=\(word)").settings
        #expect(settings.configuration.forwarding.protocolHeaders == headers)
    }

    @Test("The routes file and key files lie beside pushpin.conf")
    func paths() throws {
        try withFiles([
            "pushpin.conf": "[proxy]\nroutesfile=routes\nsig_key=file:key\n", "routes": "* test\n", "key": "6b6579",
        ]) { folder throws in
            let (settings, problems) = ProxySettings.resolve([.pushpin(file: "\(folder)/pushpin.conf")])
            #expect(problems.isEmpty)
            let key = try GRIPKey("key")
            #expect(settings.configuration.key == key)
            #expect(settings.routesFile == "\(folder)/routes")
            #expect(settings.configuration.routes == ["* test"])
        }
    }

    @Test("An included file counts where the file itself says nothing")
    func include() {
        let (settings, problems) = Self.resolve(
            "[global]\ninclude=common.conf\n[runner]\nclient_maxconn=5",
            files: ["/etc/pushpin/common.conf": "[runner]\nclient_maxconn=7\n[proxy]\nsig_iss=me\n\ndebug=maybe"]
        )
        #expect(settings.configuration.limits.connections == 5)
        #expect(settings.configuration.issuer == "me")
        #expect(
            problems.map(\.description) == [
                "/etc/pushpin/common.conf:6: error: 'proxy.debug' is neither true nor false"
            ]
        )
    }

    static let problems: [(String, String)] = [
        ("[runner]\nhttps_ports=443", "2: warning: 'runner.https_ports' has no effect: "),
        ("[handler]\npush_in_spec=tcp://0.0.0.0:1", "2: warning: 'handler.push_in_spec' has no effect: "),
        ("[handler]\nmessage_rate=10", "2: warning: 'handler.message_rate' has no effect: "),
        ("[proxy]\nprometheus_port=9090", "2: warning: 'proxy.prometheus_port' has no effect: "),
        ("[proxy]\nworkers=4", "2: warning: 'proxy.workers' has no effect: "),
        ("[proxy]\nbrand_new=4", "2: warning: 'proxy.brand_new' is not known and has no effect"),
        ("[proxy]\nsig_kye=s3cr3t", "2: error: 'proxy.sig_kye' is not a key of Pushpin; did you mean 'sig_key'?"),
        ("[proxy]\nsig_key=base64:s3cr3t!", "2: error: 'proxy.sig_key' is not a key: "),
        ("[runner]\n\nclient_maxconn=many", "3: error: 'runner.client_maxconn' is not an integer"),
        ("[handler]\nid_cache_ttl=99999999999", "2: error: 'handler.id_cache_ttl' is more than "),
        ("[handler]\nid_cache_ttl=9223372036854775807", "2: error: 'handler.id_cache_ttl' is more than "),
        (
            "[handler]\npush_in_http_port=70000",
            "2: error: 'handler.push_in_http_port' with 'global.port_offset' added, "
        ),
        ("[global]\nport_offset=65535", "2: error: 'global.port_offset' with 'global.port_offset' added, "),
        ("[runner]\nhttp_port=abc", "2: error: 'runner.http_port' 'abc' is not an address"),
        ("[global]\ninclude=none.conf", "2: error: 'global.include' names the file '/etc/pushpin/none.conf'"),
        ("[global", "1: error: a section is written [name]"),
        ("debug=true", "1: error: 'debug' stands in no section"),
        ("[proxy]\ndebug", "2: error: a line is a section, 'key=value' or a comment"),
        ("[proxy]\n=true", "2: error: a value has no key"),
    ]

    @Test("What is wrong or has no effect is told by line, without secrets", arguments: Self.problems)
    func problem(text: String, expected: String) {
        let problems = Self.resolve(text).problems.map(\.description)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("/etc/pushpin/pushpin.conf:\(expected)") == true, "\(problems)")
        #expect(!problems.joined().contains("s3cr3t"))
    }

    @Test("Comments, blanks, line ends of Windows and quotes are as in any such file")
    func syntax() {
        let text = "; a\r\n# b\r\n [ proxy ] \r\n sig_iss = \"a \\\"b\\\"\" \r\nsig_iss=last\r\nsig_key=a=b#c\r\n"
        let file = PushpinConfigurationFile(text, source: "")
        #expect(file.problems.isEmpty)
        #expect(file["proxy", "sig_iss"]?.value == "last")
        #expect(file["proxy", "sig_iss"]?.line == 5)
        #expect(file["proxy", "sig_key"]?.value == "a=b#c")
        #expect(PushpinConfigurationFile("[a]\nb=\"c \\\"d\\\\\"", source: "")["a", "b"]?.value == "c \"d\\")
    }

    @Test(
        "A semicolon that is not in quotes begins a comment, as it does for Pushpin; '#' does behind numbers and truth values",
        arguments: [
            ("2 ; info", "2"), ("2;info", "2"), ("2\t; info ; x", "2"), ("2 # info", "2"), ("true # yes", "true"),
            (";", ""),
            ("\"a;b\" ; c", "a;b"), ("\"a\\\";b\"; c", "a\";b"), ("a;b", "a"), ("2#3", "2#3"), ("a # b", "a # b"),
            ("# a", "# a"),
        ]
    )
    func comments(written: String, value: String) {
        let file = PushpinConfigurationFile("[runner]\nlog_level=\(written)", source: "p.conf")
        #expect(file["runner", "log_level"]?.value == value)
        let isUnclear = value == "a # b"
        #expect(
            file.problems.map(\.description)
                == (isUnclear
                    ? [
                        "p.conf:2: warning: 'runner.log_level' goes on after '#'; a comment behind a value begins with ';'"
                    ] : [])
        )
    }

    @Test("Random text gives problems, never a crash or a bad configuration")
    func hostileText() {
        var generator = SplitMix64(seed: 3)
        let pieces = [
            "[global]\n", "[runner]\n", "[handler]\n", "[", "]", "=", "\n", "http_port", "port_offset", "{", "}", "\"",
            "push_in_http_port", "local_ports", "-1", "99999999999", "{rundir}", ",", "include", "\\", ":", "ü",
        ]
        for _ in 0..<1000 {
            let count = Int.random(in: 0...15, using: &generator)
            let text = (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
            let settings = Self.resolve(text).settings
            #expect(throws: Never.self) { try settings.configuration.validate() }
        }
    }
}
