import GRIPProxy
import Logging

extension ProxyCommand {
    /// Runs the proxy until it is told to end.
    func serve(_ settings: ProxySettings, logger: Logger) async throws {
        let server = try GRIPProxyServer(configuration: settings.configuration, logger: logger)
        try await ProxyServices.run(server, settings: settings, logger: logger) { await server.reload(routes: $0) }
    }
}
