import Foundation
import TestSupport
import Testing

/// `grip proxy --check`, as a program.
@Suite("grip proxy", .timeLimit(.minutes(5))) struct ProxyCommandTests {
    private static func check(
        _ arguments: [String],
        files: [String: String] = [:],
        environment: [String: String] = [:]
    ) async throws -> GripCommand.Outcome {
        try await withTemporaryFolder { folder in
            for (name, text) in files {
                try text.write(to: folder.appendingPathComponent(name), atomically: false, encoding: .utf8)
            }
            return try await GripCommand.run(
                ["proxy", "--check"] + arguments,
                environment: environment,
                directory: folder
            )
        }
    }

    @Test("A configuration without errors is summed up")
    func valid() async throws {
        let outcome = try await Self.check([
            "--route", "* localhost:8000", "--http-port", "80", "--http-port", "[::1]:81",
        ])
        #expect(outcome.status == 0)
        #expect(
            outcome.output == """
                The configuration has no errors.
                clients: *:80, [::1]:81
                publishers: localhost:5561
                routes: --route (command line)
                bus: none

                """
        )
    }

    @Test("Options win over the environment, that over the file, that over Pushpin's")
    func precedence() async throws {
        let files = [
            "pushpin.conf": "[runner]\nhttp_port=1\n[handler]\npush_in_http_port=1\n[proxy]\nroutesfile=routes\n",
            "proxy.json": #"{"listeners": 2, "controlListeners": 2, "routes": ["* test"]}"#,
            "routes": "* a:1\n",
        ]
        let sources = ["--pushpin-config", "pushpin.conf", "--config", "proxy.json"]
        let lower = try await Self.check(sources, files: files)
        #expect(lower.output.contains("clients: *:2\npublishers: localhost:2\nroutes: routes (proxy.json)\n"))
        let upper = try await Self.check(
            sources + ["--http-port", "4", "--routes", "routes"],
            files: files,
            environment: ["GRIP_PROXY_LISTENERS": "3", "GRIP_PROXY_CONTROL_LISTENERS": "3"]
        )
        #expect(upper.output.contains("clients: *:4\npublishers: localhost:3\nroutes: routes\n"))
        let pushpin = try await Self.check(["--pushpin-config", "pushpin.conf"], files: files)
        #expect(pushpin.output.contains("clients: *:1\npublishers: 127.0.0.1:1\n"))
    }

    @Test("Everything that is wrong is told at once, with lines, and ends in exit code 78")
    func problems() async throws {
        let outcome = try await Self.check(
            ["--routes", "routes", "--config", "proxy.json", "--set", "limits.conections=1", "--log-level", "loud"],
            files: [
                "routes": "# my routes\n* localhost:8000,over_htp\n* localhost\n",
                "proxy.json": #"{"sigKey": "base64:s3cr3t!"}"#,
            ],
            environment: ["GRIP_PROXY_LIMITS_CONNECTIONS": "0"]
        )
        #expect(outcome.status == 78)
        for line in [
            "routes:2:18: error: unknown option 'over_htp'; did you mean 'over_http'?",
            "routes:3:3: error: target 'localhost' has no port",
            "proxy.json: error: 'sigKey' is not a key: ",
            "command line: error: unknown key 'limits.conections'; did you mean 'limits.connections'?",
            "command line: error: '--log-level' is not one of: ",
            "environment: error: 'GRIP_PROXY_LIMITS_CONNECTIONS' is less than 1",
            "6 errors",
        ] {
            #expect(outcome.output.contains(line), "\(outcome.output)")
        }
        #expect(!outcome.output.contains("s3cr3t"))
    }

    @Test("So many threads as no machine has are refused", arguments: ["-1", "1025", "99999999999", "many"])
    func threads(_ count: String) async throws {
        let outcome = try await Self.check(["--route", "* test", "--threads=\(count)"])
        #expect(outcome.status == 78)
        #expect(outcome.output.contains("'threads'") || outcome.output.contains("--threads"), "\(outcome.output)")
    }

    @Test("An address that is taken is named")
    func addressInUse() async throws {
        try await withGripProxy(routes: ["* test"]) { running in
            let outcome = try await GripCommand.run([
                "proxy", "--route", "* test", "--http-port", "127.0.0.1:0",
                "--control-port", "127.0.0.1:\(running.controlPort)",
            ])
            #expect(outcome.status == 69)
            #expect(outcome.output.contains("127.0.0.1:\(running.controlPort): Address already in use; give another"))
        }
    }

    @Test("Warnings do not fail")
    func warnings() async throws {
        let outcome = try await Self.check(["--control-port", "0.0.0.0:5561"])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("warning: there is no route"))
        #expect(outcome.output.contains("warning: whoever reaches 0.0.0.0:5561 can publish"))
    }

    @Test("Beside a pushpin.conf an option that Pushpin ignores is a warning, and a comment may stand behind a value")
    func pushpinHabits() async throws {
        let outcome = try await Self.check(
            ["--pushpin-config", "pushpin.conf"],
            files: [
                "pushpin.conf": "[runner]\nlog_level=2 ; info\nhttp_port=7999;x\n[proxy]\nroutesfile=routes\n",
                "routes": "*,grip localhost:8000,over_htp\n*.example.com test\n",
            ]
        )
        #expect(outcome.status == 0, "\(outcome.output)")
        for line in [
            "routes:1:3: warning: unknown option 'grip' has no effect",
            "routes:1:23: warning: unknown option 'over_htp' has no effect; did you mean 'over_http'?",
            "routes:2:1: warning: no request has the host '*.example.com'",
        ] {
            #expect(outcome.output.contains(line), "\(outcome.output)")
        }
    }

    @Test("A secret without its key is not shown")
    func assignments() async throws {
        let outcome = try await Self.check(["--set", "s3cr3t", "--set", "debug=true", "--set", "debug=false"])
        #expect(outcome.status == 78)
        #expect(!outcome.output.contains("s3cr3t"))
        #expect(outcome.output.contains("'debug' is given twice"))
    }

    @Test("The configuration of an installed Pushpin is understood", .needsPushpin)
    func installedPushpin() async throws {
        let path = try #require(
            [
                "/etc/pushpin/pushpin.conf", "/usr/local/etc/pushpin/pushpin.conf",
                "/opt/homebrew/etc/pushpin/pushpin.conf",
            ]
            .first { FileManager.default.fileExists(atPath: $0) }
        )
        let outcome = try await Self.check(["--pushpin-config", path])
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("routes: \((path as NSString).deletingLastPathComponent)/routes"))
    }
}
