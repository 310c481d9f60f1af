import Foundation
import TestSupport

/// Runs `grip proxy`, which signs with `changeme`, in front of one origin.
///
/// - Parameter settings: by `section.key`, as Pushpin names them.
func withGripProxy<Result: Sendable>(
    originPort: Int,
    settings: [String: String],
    _ body: (RunningProxy) async throws -> Result
) async throws -> Result {
    try await withGripProxy(routes: ["* 127.0.0.1:\(originPort),over_http"], settings: settings, body)
}

/// Runs `grip proxy`, which signs with `changeme`, with these lines of a routes file.
///
/// - Parameters:
///   - settings: by `section.key`, as Pushpin names them.
///   - arguments: Further options.
func withGripProxy<Result: Sendable>(
    routes: [String],
    settings: [String: String] = [:],
    arguments others: [String] = [],
    environment: [String: String] = [:],
    _ body: (RunningProxy) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let file = folder.appendingPathComponent("pushpin.conf")
        let settings = settings.merging(["proxy.sig_key": "changeme"]) { given, _ in given }
        try PushpinConfiguration.apply(settings, to: "").write(to: file, atomically: false, encoding: .utf8)
        let arguments =
            [
                "proxy", "--pushpin-config", file.path,
                "--http-port", "127.0.0.1:0", "--control-port", "127.0.0.1:0",
            ] + others
        return try await withChildProcess(
            GripCommand.path,
            arguments + routes.flatMap { ["--route", $0] },
            environment: environment
        ) { process in
            let (httpPort, controlPort) = try await process.portsOfGripProxy()
            return try await body(RunningProxy(httpPort: httpPort, controlPort: controlPort, process: process))
        }
    }
}

extension ChildProcess {
    /// The ports that `grip proxy` was given by the system: for clients and for publishers.
    fileprivate func portsOfGripProxy() async throws -> (http: Int, control: Int) {
        try await self.waitForOutput(containing: "publishers at ")
        guard
            let match = self.output.firstMatch(of: #/clients at 127\.0\.0\.1:(\d+), publishers at 127\.0\.0\.1:(\d+)/#),
            let http = Int(match.1), let control = Int(match.2)
        else { throw self.failure("does not tell where it listens") }
        return (http, control)
    }
}
