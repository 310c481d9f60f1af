import Foundation
import NIOHTTP1

/// A Django application, one of the folder `Peers`, behind a proxy of its own.
///
/// Exists only inside ``withDjangoApplication(_:behind:server:options:settings:_:)``.
struct DjangoApplication: Sendable {
    let proxy: RunningProxy
    /// Where the application listens, for requests that come past the proxy.
    let originURL: String
    let process: ChildProcess

    var url: String { self.proxy.url }

    /// Sends a form, as a browser would.
    func post(_ path: String, _ fields: [String: String]) async throws -> FetchedResponse {
        var components = URLComponents()
        components.queryItems = fields.sorted { $0.key < $1.key }.map { URLQueryItem(name: $0.key, value: $0.value) }
        // Forms mean a space by a plus sign, which URLComponents leaves as it is.
        let form = (components.percentEncodedQuery ?? "").replacing("+", with: "%2B")
        return try await fetch(
            self.url + path,
            .POST,
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: form
        )
    }
}

/// What Python applications are served by.
enum PythonServer: String, Sendable, CaseIterable {
    /// HTTP/1.1, with connections that stay open.
    case gunicorn
    /// HTTP/1.0, with a connection for each request.
    case wsgiref
}

/// Runs a Django application behind a proxy.
///
/// - Parameters:
///   - program: A file of `Peers`, which takes the options `--port`, `--control-uri` and `--server`.
///   - options: Further ones.
///   - settings: The proxy's, see ``withProxy(_:originPort:settings:_:)``.
func withDjangoApplication<Result: Sendable>(
    _ program: String,
    behind kind: ProxyUnderTest,
    server: PythonServer = .gunicorn,
    options: [String] = [],
    settings: [String: String] = [:],
    _ body: (DjangoApplication) async throws -> Result
) async throws -> Result {
    let python = try await PythonEnvironment.shared.interpreter()
    let script = PythonEnvironment.peersFolder.appendingPathComponent(program).path
    let originPort = try await FreePort.next()
    return try await withProxy(kind, originPort: originPort, settings: settings) { proxy in
        let arguments = [
            script, "--port", String(originPort), "--control-uri", proxy.controlURL, "--server", server.rawValue,
        ]
        // Compiled modules would be written next to the sources.
        let environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        return try await withChildProcess(python, arguments + options, environment: environment) { process in
            // Django loads hundreds of files, which takes a while where everything runs at once.
            try await process.waitUntilListening(port: originPort, within: .seconds(60))
            let application = DjangoApplication(
                proxy: proxy,
                originURL: "http://127.0.0.1:\(originPort)",
                process: process
            )
            do {
                return try await body(application)
            } catch {
                throw process.failure("was in use when this failed: \(error)")
            }
        }
    }
}
