import Foundation
import TestSupport
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// `grip proxy` at its most talkative, with a marked secret in every setting that takes one.
@Suite("Secrets in what grip prints", .timeLimit(.minutes(5))) struct SecretLogTests {
    private static let marks = ["token-mark", "key-mark", "upstream-mark", "route-mark", "header-mark", "query-mark"]

    private static func expectNoMark(in output: String) {
        for mark in Self.marks { #expect(!output.contains(mark), "\(mark): \(output)") }
    }

    @Test("Start, requests, failures, reloads and shutdown", arguments: ["options", "environment", "json", "pushpin"])
    func life(source: String) async throws {
        try await withTemporaryFolder { folder in
            let routes = folder.appendingPathComponent("routes")
            let good = """
                *,sig_key=route-mark,header="Authorization: Bearer header-mark" 127.0.0.1:1
                a,path_beg=/x,sig_key=base64:cm91dGUtbWFyaw== 127.0.0.1:1,over_http

                """
            try good.write(to: routes, atomically: true, encoding: .utf8)
            var arguments = [
                "proxy", "--log-level", "trace", "--routes", routes.path, "--http-port", "127.0.0.1:0",
                "--control-port", "127.0.0.1:0",
            ]
            var environment: [String: String] = [:]
            let keys = ["controlToken": "token-mark", "sigKey": "key-mark", "upstreamKey": "upstream-mark"]
            switch source {
            case "options":
                arguments += [
                    "--control-token", "token-mark", "--sig-key", "key-mark", "--set", "upstreamKey=upstream-mark",
                ]
            case "environment":
                environment = [
                    "GRIP_PROXY_CONTROL_TOKEN": "token-mark", "GRIP_PROXY_SIG_KEY": "key-mark",
                    "GRIP_PROXY_UPSTREAM_KEY": "upstream-mark",
                ]
            case "json":
                let file = folder.appendingPathComponent("proxy.json")
                try JSONSerialization.data(withJSONObject: keys).write(to: file)
                arguments += ["--config", file.path]
            default:
                let file = folder.appendingPathComponent("pushpin.conf")
                try "[proxy]\nsig_key=key-mark\nupstream_key=upstream-mark\n"
                    .write(to: file, atomically: true, encoding: .utf8)
                arguments += ["--pushpin-config", file.path]
            }
            let output = try await withChildProcess(GripCommand.path, arguments, environment: environment) { process in
                try await process.waitForOutput(containing: "publishers at ")
                let port = try #require(process.output.firstMatch(of: #/clients at 127\.0\.0\.1:(\d+)/#)?.1)
                for path in ["/x?token=query-mark", "/y?token=query-mark"] {
                    let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
                    let (_, response) = try await URLSession.shared.data(from: url)
                    #expect((response as? HTTPURLResponse)?.statusCode == 502)
                }
                try "*,sig_key=base64:route-mark! 127.0.0.1:1\n".write(to: routes, atomically: true, encoding: .utf8)
                kill(process.processIdentifier, SIGHUP)
                try await process.waitForOutput(containing: "the routes stay as they are")
                try good.write(to: routes, atomically: true, encoding: .utf8)
                kill(process.processIdentifier, SIGHUP)
                try await process.waitForOutput(containing: "the routes were read again")
                kill(process.processIdentifier, SIGTERM)
                #expect(try await process.waitForExit(within: .seconds(60)) == 0)
                return process.output
            }
            #expect(output.contains("Starting service"))
            Self.expectNoMark(in: output)
        }
    }

    @Test(
        "What a parser and a checker say",
        arguments: [
            ["proxy", "--sig-key", "a", "key-mark"], ["proxy", "--sig-kye", "key-mark"],
            ["proxy", "--sig-kye=key-mark"], ["proxy", "--control-token", "my", "token-mark"],
            ["proxy", "--check", "--control-token", "my token-mark"],
            ["proxy", "--check", "--sig-key", "base64:key-mark!"],
            ["proxy", "--check", "--route", "*,sig_key=a,key-mark a:1"], ["proxy", "--check", "--set", "key-mark"],
            ["proxy", "--check", "--route", "*,sig_key=key-mark a:1", "--sig-key", "key-mark"],
            ["publish", "test", "x", "--user", "alice", "token-mark"],
            ["publish", "test", "x", "--user", "token-mark"],
            ["publish", "test", "x", "-utoken-mark"], ["publish", "test", "x", "--spec", "http://u:token-mark@[h"],
            ["publish", "test", "x", "--spec", "http://u:token-mark@127.0.0.1:1"],
            ["publish", "test", "x", "--spec", "http://127.0.0.1:1?key=token-mark&other=query-mark"],
            ["publish", "test", "x", "--spec", "tcp://u:token-mark@h"],
        ]
    )
    func messages(arguments: [String]) async throws {
        let outcome = try await GripCommand.run(arguments)
        Self.expectNoMark(in: outcome.output)
        #expect(!outcome.output.isEmpty)
    }
}
