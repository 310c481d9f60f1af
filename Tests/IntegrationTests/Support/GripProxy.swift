import Foundation

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
/// - Parameter settings: by `section.key`, as Pushpin names them.
func withGripProxy<Result: Sendable>(
    routes: [String],
    settings: [String: String] = [:],
    _ body: (RunningProxy) async throws -> Result
) async throws -> Result {
    let httpPort = try await FreePort.next()
    let controlPort = try await FreePort.next()
    return try await withTemporaryFolder { folder in
        let file = folder.appendingPathComponent("pushpin.conf")
        let settings = settings.merging(["proxy.sig_key": "changeme"]) { given, _ in given }
        try PushpinConfiguration.apply(settings, to: "").write(to: file, atomically: false, encoding: .utf8)
        let arguments = [
            "proxy", "--pushpin-config", file.path,
            "--http-port", "127.0.0.1:\(httpPort)", "--control-port", "127.0.0.1:\(controlPort)",
        ]
        return try await withChildProcess(GripCommand.path, arguments + routes.flatMap { ["--route", $0] }) { process in
            try await process.waitUntilListening(port: httpPort)
            try await process.waitUntilListening(port: controlPort)
            return try await body(RunningProxy(httpPort: httpPort, controlPort: controlPort, process: process))
        }
    }
}
