import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// Runs a Pushpin in front of one origin.
func withPushpin<Result: Sendable>(
    originPort: Int,
    routeOptions: [String] = ["over_http"],
    sigKey: String? = "changeme",
    settings: [String: String] = [:],
    _ body: (RunningProxy) async throws -> Result
) async throws -> Result {
    let target = (["127.0.0.1:\(originPort)"] + routeOptions).joined(separator: ",")
    return try await withPushpin(routes: ["* \(target)"], sigKey: sigKey, settings: settings, body)
}

/// Runs a Pushpin with the lines of a routes file.
///
/// On a busy machine Pushpin 1.36 ends some connections and does not tell why. What fails with an error is tried again
/// with another Pushpin, once.
///
/// - Parameters:
///   - sigKey: what requests to the origin are signed with; nil for no signature.
///   - settings: by `section.key`, such as `handler.message_rate`.
func withPushpin<Result: Sendable>(
    routes: [String],
    sigKey: String? = "changeme",
    settings: [String: String] = [:],
    _ body: (RunningProxy) async throws -> Result
) async throws -> Result {
    do {
        return try await withOnePushpin(routes: routes, sigKey: sigKey, settings: settings, body)
    } catch  where !(error is CancellationError) {
        print("Once more: \(error)")
        return try await withOnePushpin(routes: routes, sigKey: sigKey, settings: settings, body)
    }
}

private func withOnePushpin<Result: Sendable>(
    routes: [String],
    sigKey: String?,
    settings: [String: String],
    _ body: (RunningProxy) async throws -> Result
) async throws -> Result {
    let program = try Peers.pushpin.path()
    let configuration = try await PushpinConfiguration(
        httpPort: FreePort.next(),
        controlPort: FreePort.next(),
        routes: routes + PushpinReadiness.routes,
        settings: ["proxy.sig_key": sigKey ?? ""].merging(settings) { $1 }
    )
    return try await withTemporaryFolder { folder in
        let file = try configuration.write(into: folder)
        return try await withChildProcess(program, ["--config", file.path, "--merge-output"]) { process in
            let pushpin = RunningProxy(
                httpPort: configuration.httpPort,
                controlPort: configuration.controlPort,
                process: process
            )
            try await process.waitUntilListening(port: pushpin.httpPort)
            try await process.waitUntilListening(port: pushpin.controlPort)
            try await PushpinReadiness.wait(for: pushpin)
            return try await body(pushpin)
        }
    }
}
