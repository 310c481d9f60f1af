import GRIP
import GRIPEngine
import GRIPProxy
import GRIPPublisher
import Logging
import Testing

@Suite("Layers of configuration")
struct LayerTests {
    private static func texts(_ texts: [String: String]) -> ConfigurationLayer {
        ConfigurationLayer(source: "command line", texts: texts)
    }

    @Test("The later layer wins, key by key")
    func precedence() {
        let (settings, _) = ProxySettings.resolve([
            .json(#"{"limits": {"connections": 1, "queuedItems": 2}, "sigIss": "file"}"#, path: "proxy.json"),
            .environment(["GRIP_PROXY_LIMITS_QUEUED_ITEMS": "3", "GRIP_PROXY_SIG_ISS": "environment"]),
            Self.texts(["sigIss": "option", "logLevel": "trace"]),
        ])
        #expect(settings.configuration.limits.connections == 1)
        #expect(settings.configuration.limits.queuedItems == 3)
        #expect(settings.configuration.issuer == "option")
        #expect(settings.logLevel == .trace)
    }

    @Test("A byte-order mark is no part of any file")
    func byteOrderMark() throws {
        let files = [
            "routes": "* a:1\nb c:1\n", "proxy.json": #"{"sigIss": "json", "routesFile": "routes"}"#,
            "pushpin.conf": "[global]\ninclude=other.conf\n[proxy]\nroutesfile=routes\n",
            "other.conf": "[proxy]\nsig_iss=included\n",
        ]
        try withFiles(files.mapValues { "\u{FEFF}\($0)" }) { folder throws in
            for (layer, issuer) in [
                (ConfigurationLayer.json(file: "\(folder)/proxy.json"), "json"),
                (.pushpin(file: "\(folder)/pushpin.conf"), "included"),
            ] {
                let (settings, problems) = ProxySettings.resolve([layer])
                #expect(problems.isEmpty)
                #expect(settings.configuration.issuer == issuer)
                #expect(settings.configuration.routes == ["* a:1", "b c:1"])
            }
        }
        let (routes, problems) = RouteFile.parse("\u{FEFF}a b:1")
        #expect(problems.isEmpty)
        #expect(routes.map(\.condition.host) == [.name("a")])
    }

    @Test("A problem is told with the name that the key has where it stands")
    func names() {
        let (_, problems) = ProxySettings.resolve([
            .json(#"{"limits": {"connections": 0}, "routes": ["* test"]}"#, path: "/etc/proxy.json"),
            .environment(["GRIP_PROXY_SIG_KEY": "base64:s3cr3t!"]),
        ])
        #expect(
            problems.map(\.description) == [
                "/etc/proxy.json: error: 'limits.connections' is less than 1",
                "environment: error: 'GRIP_PROXY_SIG_KEY' is not a key: what follows 'base64:' is not Base64",
            ]
        )
    }

    @Test("A bad value in one layer does not hide a good one in the layer below, and is told once")
    func badValueOnce() {
        let (settings, problems) = ProxySettings.resolve([
            Self.texts(["limits.connections": "5", "routes": "* test"]),
            Self.texts(["limits.connections": "0"]),
            Self.texts(["sigIss": "me"]),
        ])
        #expect(settings.configuration.limits.connections == 5)
        #expect(problems.count == 1)
    }

    @Test("Routes win over a file of the same layer; a file wins over routes of a lower one")
    func routes() throws {
        try withFiles(["routes": "* file:1\n"]) { folder throws in
            let file = "\(folder)/routes"
            #expect(
                ProxySettings.resolve([Self.texts(["routesFile": file, "routes": "* own:1"])])
                    .settings.configuration.routes == ["* own:1"]
            )
            let (settings, problems) = ProxySettings.resolve([
                Self.texts(["routes": "* own:1"]), Self.texts(["routesFile": file]),
            ])
            #expect(settings.configuration.routes == ["* file:1"])
            #expect(settings.routesFile == file)
            #expect(settings.configuration.routesFolder == folder)
            #expect(problems.isEmpty)
        }
    }

    @Test("Paths are relative to the file that they stand in")
    func paths() throws {
        try withFiles(["routes": "*,sig_key=file:key a:1\nb,sig_key=file:none test", "key": "6b6579"]) {
            folder throws in
            let layer = ConfigurationLayer.json(
                #"{"routesFile": "routes", "sigKey": "file:key"}"#,
                path: "\(folder)/proxy.json"
            )
            let (settings, problems) = ProxySettings.resolve([layer])
            let expected = try GRIPKey("key")
            #expect(settings.configuration.key == expected)
            #expect(settings.configuration.routes.count == 2)
            #expect(problems.map(\.line) == [2])
        }
    }

    @Test("Mistakes in routes are told with the place in their file")
    func routeProblems() throws {
        try withFiles(["routes": "# comment\n* a:1,over_htp\n\n* b:2,sig_key=file:none\n* c\n"]) { folder throws in
            let file = "\(folder)/routes"
            let (_, problems) = ProxySettings.resolve([Self.texts(["routesFile": file])])
            #expect(
                problems.map(\.description) == [
                    "\(file):2:7: error: unknown option 'over_htp'; did you mean 'over_http'?",
                    "\(file):4:7: error: unknown option 'sig_key'",
                    "\(file):5:3: error: target 'c' has no port",
                ]
            )
        }
    }

    @Test("A key of a route that cannot be loaded is an error of its line")
    func routeKeys() {
        let (_, problems) = ProxySettings.resolve([
            Self.texts(["routes": "a,sig_key=file:/does/not/exist b:1\n*,sig_key=-----BEGIN b:2"])
        ])
        #expect(problems.map(\.line) == [1, 2])
        #expect(problems.allSatisfy { $0.severity == .error && $0.reason.hasPrefix("'sig_key' ") })
    }

    @Test("Mistakes in routes that stand in no file name the option, the variable or the key, and never a file")
    func placesOfRoutes() {
        let lines = ["* test", "a,colour=red test"]
        let layers: [(ConfigurationLayer, String)] = [
            (.commandLine(options: ["routes": lines]), "--route (command line)"),
            (.commandLine(options: [:], assignments: ["routes=\(lines[0])\n\(lines[1])"]), "routes (command line)"),
            (.environment(["GRIP_PROXY_ROUTES": lines.joined(separator: "\n")]), "GRIP_PROXY_ROUTES (environment)"),
            (.json(#"{"routes": ["* test", "a,colour=red test"]}"#, path: "proxy.json"), "routes (proxy.json)"),
        ]
        for (layer, place) in layers {
            let (settings, problems) = ProxySettings.resolve([layer])
            #expect(problems.map(\.description) == ["\(place):2:3: error: unknown option 'colour'"])
            #expect(settings.routesSource == place)
        }
        let (settings, problems) = ProxySettings.resolve([.commandLine(options: [:])])
        #expect(settings.routesSource == "none")
        #expect(problems.map(\.source) == ["configuration"])
    }

    @Test("A file of routes that is not there is told where it was named")
    func missingRoutesFile() throws {
        try withFiles(["pushpin.conf": "[proxy]\n\nroutesfile=other\n"]) { folder throws in
            let pushpin = ConfigurationLayer.pushpin(file: "\(folder)/pushpin.conf")
            let first = ProxySettings.resolve([pushpin]).problems.map(\.description)
            #expect(
                first == [
                    "\(folder)/pushpin.conf:3: error: 'proxy.routesfile' names the file '\(folder)/other', "
                        + "which cannot be read: No such file or directory"
                ]
            )
            let option = ConfigurationLayer.commandLine(options: ["routesFile": ["\(folder)/nothing"]])
            let second = ProxySettings.resolve([pushpin, option]).problems.map(\.description)
            #expect(
                second.map { $0.hasPrefix("command line: error: '--routes' names the file '\(folder)/nothing'") } == [
                    true
                ]
            )
        }
    }

    @Test("Routes beside a pushpin.conf are read as Pushpin reads them, wherever they come from")
    func pushpinRoutes() throws {
        try withFiles(["pushpin.conf": "[proxy]\nroutesfile=routes\n", "routes": "*,grip,id=a,id=b test\n"]) {
            folder throws in
            let pushpin = ConfigurationLayer.pushpin(file: "\(folder)/pushpin.conf")
            for (layers, count) in [
                ([pushpin], 2), ([pushpin, .commandLine(options: ["routes": ["*,grip test"]])], 1),
            ] {
                let problems = ProxySettings.resolve(layers).problems
                #expect(problems.map(\.isError) == Array(repeating: false, count: count))
            }
            let strict = ProxySettings.resolve([.commandLine(options: ["routesFile": ["\(folder)/routes"]])]).problems
            #expect(strict.map(\.isError) == [true, true])
        }
    }

    @Test("Without routes there is a warning, and for a control API that everybody reaches")
    func warnings() {
        let open = ProxySettings.resolve([Self.texts(["controlListeners": "0.0.0.0:1,127.0.0.1:2,unix:/s"])]).problems
        #expect(open.map(\.severity) == [.warning, .warning])
        #expect(open.last?.reason.contains("0.0.0.0:1") == true)
        #expect(open.last?.reason.contains("127.0.0.1:2") == false)
        let closed = ["controlListeners": "0.0.0.0:1", "controlToken": "t", "routes": "* test"]
        #expect(ProxySettings.resolve([Self.texts(closed)]).problems.isEmpty)
    }

    @Test("A variable that is misspelt is an error; those of other programs are left alone")
    func environment() {
        let (_, problems) = ProxySettings.resolve([
            .environment([
                "GRIP_PROXY_LIMIT_CONNECTIONS": "1", "GRIP_PROXY_WHATEVER": "1", "GRIP_PROXY_REQUIRED": "true",
                "GRIP_PROXY_PORT": "tcp://10.0.0.1:7999", "GRIP_PROXY_PORT_7999_TCP_ADDR": "10.0.0.1",
                "GRIP_PROXY_SERVICE_HOST": "10.0.0.1", "GRIP_URL": "x", "GRIP_PROXY_ROUTES": "* test",
            ])
        ])
        #expect(
            problems.map(\.description) == [
                "environment: error: unknown variable 'GRIP_PROXY_LIMIT_CONNECTIONS'; "
                    + "did you mean 'GRIP_PROXY_LIMITS_CONNECTIONS'?",
                "environment: error: unknown variable 'GRIP_PROXY_WHATEVER'; remove it or correct its name",
            ]
        )
    }

    @Test(
        "The variables with which Kubernetes describes a service are no settings",
        arguments: ["", "_CONTROL", "_LIMITS", "_A_B_2"]
    )
    func services(rest: String) {
        let name = "GRIP_PROXY\(rest)"
        let (_, problems) = ProxySettings.resolve([
            .environment([
                "GRIP_PROXY_ROUTES": "* test", "\(name)_SERVICE_HOST": "10.0.0.1", "\(name)_SERVICE_PORT": "5561",
                "\(name)_SERVICE_PORT_HTTP": "5561", "\(name)_SERVICE_PORT_HTTP_ALT": "5562",
                "\(name)_PORT": "tcp://10.0.0.1:5561", "\(name)_PORT_5561_TCP": "tcp://10.0.0.1:5561",
                "\(name)_PORT_5561_TCP_PROTO": "tcp", "\(name)_PORT_5561_TCP_PORT": "5561",
                "\(name)_PORT_5561_TCP_ADDR": "10.0.0.1", "\(name)_PORT_53_UDP": "udp://[fd00::1]:53",
                "\(name)_PORT_53_UDP_ADDR": "fd00::1", "\(name)_PORT_9_SCTP_PROTO": "sctp",
            ])
        ])
        #expect(problems.isEmpty, "\(problems)")
    }

    @Test(
        "What only looks like such a variable is a setting that is misspelt",
        arguments: [
            ("GRIP_PROXY_CONTROL_PORT", "5561", "GRIP_PROXY_CONTROL_LISTENERS"),
            ("GRIP_PROXY_HTTP_PORT", "7999", "GRIP_PROXY_LISTENERS"),
            ("GRIP_PROXY_PORT", "7999", nil), ("GRIP_PROXY_PORT_X_TCP", "1", nil),
            ("GRIP_PROXY_PORT_1_TLS", "1", nil), ("GRIP_PROXY_PORT_1_TCP_NAME", "1", nil),
            ("GRIP_PROXY_SERVICE", "1", nil), ("GRIP_PROXY_TREADS", "1", "GRIP_PROXY_THREADS"),
        ] as [(String, String, String?)]
    )
    func noService(name: String, value: String, suggestion: String?) {
        let (_, problems) = ProxySettings.resolve([.environment([name: value, "GRIP_PROXY_ROUTES": "* test"])])
        let advice = suggestion.map { "; did you mean '\($0)'?" } ?? "; remove it or correct its name"
        #expect(problems.map(\.description) == ["environment: error: unknown variable '\(name)'\(advice)"])
    }

    @Test("Who may connect to a socket is read for clients and publishers, and checked")
    func sockets() {
        let (settings, problems) = ProxySettings.resolve([
            .json(
                ##"{"routes": ["* test"], "socket": {"mode": 660, "user": "root", "group": "0"}}"##,
                path: "proxy.json"
            ),
            .environment(["GRIP_PROXY_CONTROL_SOCKET_MODE": "0600"]),
        ])
        #expect(problems.isEmpty, "\(problems)")
        #expect(settings.configuration.socketPermissions == .init(mode: 0o660, user: "root", group: "0"))
        #expect(settings.configuration.controlSocketPermissions == .init(mode: 0o600))
        for (key, value) in [
            ("socket.mode", "888"), ("socket.mode", "1777"), ("socket.mode", "rw"), ("socket.mode", "-1"),
            ("socket.user", "no such user"), ("controlSocket.group", "no such group"),
        ] {
            let problems = ProxySettings.resolve([Self.texts(["routes": "* test", key: value])]).problems
            #expect(problems.map(\.severity) == [.error], "\(key)=\(value)")
        }
    }

    // MARK: The bus

    @Test("The bus is read from all places, under the names that applications have too")
    func bus() throws {
        let (settings, problems) = ProxySettings.resolve([
            .json(
                #"{"routes": ["* test"], "bus": ["nats://a", "nats://b"], "busCredentials": "app.creds", "instances": 2}"#,
                path: "/etc/grip/proxy.json"
            ),
            .environment(["GRIP_BUS": "nats://c,nats://d", "GRIP_BUS_TOKEN": "t", "GRIP_INSTANCES": "3"]),
            .commandLine(options: ["busPrefix": ["shop"]], assignments: ["busWaitingBytes=5"]),
        ])
        #expect(problems.isEmpty, "\(problems)")
        var expected = GRIPBusConfiguration(url: "nats://c,nats://d", prefix: "shop")
        expected.token = "t"
        expected.credentialsFile = "/etc/grip/app.creds"
        expected.waitingBytes = 5
        #expect(settings.bus == expected)
        #expect(settings.instances == 3)
        let two = ProxySettings.resolve([
            .commandLine(options: ["routes": ["* test"], "bus": ["nats://a", "nats://b"]])
        ])
        #expect(two.settings.bus.urls == ["nats://a", "nats://b"])
    }

    @Test("A bus that cannot be made is told with the place of the setting that is wrong")
    func wrongBus() {
        func problems(_ layers: [ConfigurationLayer], key: String) -> [String] {
            ProxySettings.resolve([Self.texts(["routes": "* test"])] + layers) {
                _ throws(GRIPBusConfigurationError) in
                throw GRIPBusConfigurationError(key: key, reason: "is wrong")
            }.problems.map(\.description)
        }
        let layers: [ConfigurationLayer] = [
            .json(#"{"bus": ["nats://a"], "busToken": "t"}"#, path: "proxy.json"),
            .environment(["GRIP_BUS": "nats://b"]), .commandLine(options: ["busPrefix": ["shop"]]),
        ]
        #expect(problems(layers, key: "bus") == ["environment: error: 'GRIP_BUS' is wrong"])
        #expect(problems(Array(layers.prefix(1)), key: "bus") == ["proxy.json: error: 'bus' is wrong"])
        #expect(problems(layers, key: "busToken") == ["proxy.json: error: 'busToken' is wrong"])
        #expect(problems(layers, key: "busPrefix") == ["command line: error: '--bus-prefix' is wrong"])
    }

    @Test(
        "A variable of the bus that is misspelt is an error, and one of a service is none",
        arguments: [
            ("GRIP_PROXY_BUS", "'GRIP_BUS'"), ("GRIP_PROXY_BUS_PREFIX", "'GRIP_BUS_PREFIX'"),
            ("GRIP_BUS_PREFX", "'GRIP_BUS_PREFIX'"), ("GRIP_BUS_TOKN", "'GRIP_BUS_TOKEN'"),
        ]
    )
    func busVariables(name: String, suggestion: String) {
        let (_, problems) = ProxySettings.resolve([
            .environment([
                name: "x", "GRIP_PROXY_ROUTES": "* test", "GRIP_BUS_SERVICE_HOST": "10.0.0.1",
                "GRIP_BUS_PORT": "tcp://10.0.0.1:4222", "GRIP_BUS_PORT_4222_TCP_ADDR": "10.0.0.1",
            ])
        ])
        #expect(
            problems.map(\.description)
                == ["environment: error: unknown variable '\(name)'; did you mean \(suggestion)?"]
        )
    }
}
