import ArgumentParser
import GRIPNATS
import GRIPProxy
import GRIPPublisher
import Logging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `grip proxy`.
struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Run a GRIP proxy.",
        discussion: """
            Options win over environment variables (GRIP_PROXY_SIG_KEY, GRIP_BUS and so on), these over --config, that \
            over --pushpin-config. SIGHUP reads the routes file again; SIGTERM and SIGINT end the proxy when its clients \
            have been let go. The exit code is 78 when the configuration has errors, 69 when an address cannot be listened on.

            For example: grip proxy --route '* localhost:8000,over_http' --sig-key changeme
            """
    )

    @OptionGroup(title: "Where it listens") var listening: ListeningOptions
    @OptionGroup(title: "Where requests go") var routing: RoutingOptions
    @OptionGroup(title: "Signatures") var signing: SigningOptions
    @OptionGroup(title: "Several instances") var bus: BusOptions
    @OptionGroup(title: "Configuration") var sources: ConfigurationOptions
    @OptionGroup(title: "Information") var information: LoggingOptions

    func run() async throws {
        let settings = try self.settings()
        guard !self.sources.check else {
            print(try Self.summary(of: settings))
            return
        }
        // Before anything else takes descriptors.
        GRIPFileDescriptors.raiseLimit()
        let capacity = settings.configuration.limits.logQueue
        let output = ProxyOutput(
            log: LogWriter(descriptor: STDERR_FILENO, capacity: capacity),
            access: LogWriter(descriptor: STDOUT_FILENO, capacity: capacity)
        )
        // A reader that does not read must not keep the process from ending.
        defer { output.finish(within: .seconds(1)) }
        var logger = Logger(label: "grip.proxy", factory: { WriterLogHandler(label: $0, writer: output.log) })
        logger.logLevel = settings.logLevel
        try await self.serve(settings, logger: logger, output: output)
    }

    /// The settings, after everything that is wrong with them was printed.
    private func settings() throws -> ProxySettings {
        let (settings, problems) = ProxySettings.resolve(self.layers) { bus throws(GRIPBusConfigurationError) in
            try bus.check()
        }
        for problem in problems { StandardError.write(problem.description) }
        let count = problems.count(where: \.isError)
        guard count == 0 else {
            StandardError.write(count == 1 ? "1 error" : "\(count) errors")
            throw ExitCode.badConfiguration
        }
        return settings
    }

    private static func summary(of settings: ProxySettings) throws -> String {
        let configuration = settings.configuration
        return """
            The configuration has no errors.
            clients: \(configuration.listeners.map(\.description).joined(separator: ", "))
            publishers: \(configuration.controlListeners.map(\.description).joined(separator: ", "))
            routes: \(settings.routesSource)
            bus: \(try settings.bus.summary())
            """
    }
}
