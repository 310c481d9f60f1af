import ArgumentParser
import GRIP
import GRIPNATS
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
            server = try GRIPProxyServer(
                checked: settings,
                eventLoopGroup: group,
                logger: logger,
                output: output,
                bus: try Self.bus(settings, on: group, logger: logger)
            )
        } catch let error as any ProgramError {
            // A file can have changed since it was checked.
            StandardError.write(error.programDescription)
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

    /// The bus to other instances, or a warning where there should be one.
    private static func bus(
        _ settings: ProxySettings,
        on group: any EventLoopGroup,
        logger: Logger
    ) throws -> (any GRIPBus)? {
        guard settings.bus.isEnabled else {
            let warning = InstanceSigns.warning(
                count: settings.instances,
                advice: "give all of them a --bus, as in nats://host:4222, publish to all of them (GRIP_PROXIES)"
            )
            if let warning { logger.warning("\(warning)") }
            return nil
        }
        let summary = try settings.bus.summary()
        logger.info("The bus to other instances is \(summary)")
        return try settings.bus.makeBus(eventLoopGroup: group, logger: logger)
    }
}
