import Configuration
import GRIP
import GRIPNATS
import GRIPPublisher

extension TargetOptions {
    /// Where to publish: to the proxy or the bus of the command line, else to that of the environment.
    func destination() throws -> PublishDestination {
        guard self.spec == nil else {
            if self.bus != nil { throw PublishInputError("--spec and --bus exclude each other") }
            return .proxy(try self.proxy())
        }
        guard self.bus != nil || Self.environmentURL == nil else { return .proxy(try self.proxy()) }
        do throws(GRIPBusConfigurationError) {
            var bus = try GRIPBusConfiguration(
                config: ConfigReader(provider: EnvironmentVariablesProvider()).scoped(to: "grip")
            )
            if let url = self.bus { bus.urls = GRIPBusConfiguration(url: url).urls }
            if let prefix = self.busPrefix { bus.prefix = prefix }
            if bus.isEnabled { return .bus(try bus.makePublisher()) }
        } catch {
            let isOption = error.key == "bus" && self.bus != nil || error.key == "busPrefix" && self.busPrefix != nil
            let option = error.key == "bus" ? "--bus" : "--bus-prefix"
            throw PublishInputError("\(isOption ? option : error.variable) \(error.reason)")
        }
        return .proxy(try self.proxy())
    }
}
