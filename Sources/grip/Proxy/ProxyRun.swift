import ArgumentParser
import GRIPProxy
import GRIPPublisher
import Logging
import NIOCore
import NIOPosix

extension ProxyCommand {
    /// Runs the proxy until it is told to end.
    func serve(_ settings: ProxySettings, logger: Logger, output: ProxyOutput) async throws {
        guard settings.threads > 0 else {
            return try await self.serve(
                settings,
                on: MultiThreadedEventLoopGroup.singleton,
                logger: logger,
                output: output
            )
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.threads)
        do {
            try await self.serve(settings, on: group, logger: logger, output: output)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(
        _ settings: ProxySettings,
        on group: any EventLoopGroup,
        logger: Logger,
        output: ProxyOutput
    ) async throws {
        let server: GRIPProxyServer
        do {
            server = try GRIPProxyServer(checked: settings, eventLoopGroup: group, logger: logger, output: output)
        } catch let error as GRIPProxyServerConfigurationError {
            // A file can have changed since it was checked.
            StandardError.write(error.description)
            throw ExitCode.badConfiguration
        }
        do {
            try await ProxyServices.run(server, settings: settings, logger: logger) { lines in
                await server.reload(routes: lines, haveBeenChecked: true)
            }
        } catch let error as GRIPListenError {
            StandardError.write(error.description)
            throw ExitCode.unavailable
        }
    }
}
