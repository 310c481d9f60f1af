import GRIPProxy
import Logging
import ServiceLifecycle
import UnixSignals

/// What runs while a proxy does.
enum ProxyServices {
    /// Runs a proxy until SIGTERM, SIGINT or its own end.
    ///
    /// - Parameters:
    ///   - server: The proxy.
    ///   - settings: What it was configured with.
    ///   - logger: Where the services log.
    ///   - reload: Gives the proxy new routes.
    static func run(
        _ server: some Service,
        settings: ProxySettings,
        logger: Logger,
        reload: @escaping @Sendable ([GRIPRouteLine]) async -> Void
    ) async throws {
        let routes = RoutesFileService(settings: settings, logger: logger, reload: reload)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: routes), .init(service: server)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }
}
