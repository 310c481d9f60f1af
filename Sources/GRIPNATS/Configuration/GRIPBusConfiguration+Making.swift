public import GRIP
public import GRIPPublisher
public import Logging
public import NIOCore
public import NIOPosix

extension GRIPBusConfiguration {
    /// Makes the bus that the URLs name, for one proxy.
    ///
    /// - Parameters:
    ///   - eventLoopGroup: Whose event loops are used; the bus is on one of them.
    ///   - logger: Where it is said what servers complain of; the proxy itself says when the bus is connected.
    /// - Throws: `GRIPBusConfigurationError`, which names the setting, when one cannot be used.
    /// - Returns: The bus, which connects when it runs.
    public func makeBus(
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger? = nil
    ) throws(GRIPBusConfigurationError) -> any GRIPBus {
        let (configuration, prefix) = try self.nats()
        return try Self.checkedPrefix { () throws(GRIPNATSError) in
            try GRIPNATSBus(configuration, prefix: prefix, eventLoopGroup: eventLoopGroup, logger: logger)
        }
    }

    /// Makes a publisher to all instances, for a process that has no proxy.
    ///
    /// - Parameters:
    ///   - channelPrefix: What the names of all channels begin with, where the instances' routes add one.
    ///   - logger: Where it is said when the connection is made or lost, and what was enqueued and not taken.
    /// - Throws: `GRIPBusConfigurationError`, which names the setting, when one cannot be used.
    /// - Returns: The publisher, which connects when it runs.
    public func makePublisher(
        channelPrefix: GRIPPrefix? = nil,
        logger: Logger? = nil
    ) throws(GRIPBusConfigurationError) -> GRIPNATSPublisher {
        var (configuration, prefix) = try self.nats()
        // What is enqueued before the first connection waits for it, as it waits for a proxy that is reached over HTTP.
        configuration.disconnectedLimit = configuration.outboundLimit
        return try Self.checkedPrefix { () throws(GRIPNATSError) in
            try GRIPNATSPublisher(configuration, prefix: prefix, channelPrefix: channelPrefix, logger: logger)
        }
    }

    /// Checks all settings, and reads the files that they name.
    ///
    /// - Throws: `GRIPBusConfigurationError`, which names the setting, when one cannot be used.
    package func check() throws(GRIPBusConfigurationError) {
        guard self.isEnabled else { return }
        let (_, prefix) = try self.nats()
        _ = try Self.checkedPrefix { () throws(GRIPNATSError) in try GRIPNATSBus.subjects(below: prefix) }
    }

    /// The servers and the prefix in a line, for people; without secrets.
    ///
    /// - Throws: `GRIPBusConfigurationError`, which names the setting, when one cannot be used.
    package func summary() throws(GRIPBusConfigurationError) -> String {
        guard self.isEnabled else { return "none" }
        let (configuration, prefix) = try self.nats()
        let servers = configuration.servers.map { "\($0.requiresTLS ? "tls" : "nats")://\($0)" }
        return "\(servers.joined(separator: ", ")), with the prefix \(prefix)"
    }

    private func nats() throws(GRIPBusConfigurationError) -> (GRIPNATSConfiguration, GRIPNATSSubject) {
        let configuration = try GRIPNATSConfiguration(self)
        let prefix = try Self.checkedPrefix { () throws(GRIPNATSError) in try GRIPNATSSubject(self.prefix) }
        return (configuration, prefix)
    }

    private static func checkedPrefix<Value>(
        _ make: () throws(GRIPNATSError) -> Value
    ) throws(GRIPBusConfigurationError) -> Value {
        do throws(GRIPNATSError) {
            return try make()
        } catch {
            throw GRIPBusConfigurationError(key: "busPrefix", reason: "cannot be used: \(error.reason)")
        }
    }
}
