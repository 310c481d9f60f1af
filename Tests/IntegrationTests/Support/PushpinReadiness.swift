import AsyncHTTPClient
import NIOHTTP1

/// Tells when all of Pushpin's processes have found each other.
///
/// Its ports accept connections before the processes behind them are connected with each other, and a request made in
/// between fails or is lost. Only requests that pass through all of them show that they are.
enum PushpinReadiness {
    private struct Probe {
        var host: String
        var target: String
        var expected: HTTPResponseStatus
    }

    private static let probes = [
        // Nothing listens on port 1: the answer is an error of the process that makes requests to origins.
        Probe(host: "origin.ready.invalid", target: "127.0.0.1:1", expected: .badGateway),
        // The built-in test origin's /stream is held by the process that holds clients.
        Probe(host: "hold.ready.invalid", target: "test", expected: .ok),
    ]

    /// What the probes need in the routes file; they match no other host.
    static let routes = probes.map { "\($0.host) \($0.target)" }

    static func wait(for pushpin: RunningProxy, within limit: Duration = .seconds(60)) async throws {
        let deadline = ContinuousClock.now + limit
        for probe in probes {
            var answer = "nothing"
            while answer != "\(probe.expected)" {
                guard ContinuousClock.now < deadline, pushpin.process.isRunning else {
                    throw pushpin.process.failure("is not ready after \(limit): \(probe.host) answers \(answer)")
                }
                answer = try await status(of: probe, pushpin)
            }
        }
    }

    private static func status(of probe: Probe, _ pushpin: RunningProxy) async throws -> String {
        do {
            let url = "\(pushpin.url)/stream"
            return try await withStream(url, headers: ["Host": probe.host], within: .milliseconds(500)) { response in
                "\(response.status)"
            }
        } catch is TimedOut {
            return "nothing"
        } catch let error as HTTPClientError where error == .remoteConnectionClosed {
            return "the end of the connection"
        }
    }
}
