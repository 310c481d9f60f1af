import Configuration
import GRIPPublisher

extension ProxySettings {
    /// Takes the values that a reader has; those that are wrong are left as they are.
    ///
    /// - Returns: What is wrong, in the order of the keys.
    mutating func apply(_ config: ConfigReader, folder: String?) -> [GRIPProxyServerConfigurationError] {
        let source = ProxySetting.Source(values: GRIPConfigurationValues(config: config), folder: folder)
        var problems: [GRIPProxyServerConfigurationError] = []
        for setting in ProxySetting.all {
            do throws(GRIPProxyServerConfigurationError) {
                var changed = self
                try setting.apply(source, to: &changed)
                self = changed
            } catch {
                problems.append(error)
            }
        }
        return problems
    }

    /// Reads the file of routes, if there is one.
    ///
    /// - Throws: `GRIPProxyServerConfigurationError` of the key `routesFile`.
    package mutating func loadRoutes() throws(GRIPProxyServerConfigurationError) {
        guard let routesFile else { return }
        do throws(SmallFile.Failure) {
            self.configuration.routes = RoutesText.lines(of: try SmallFile.text(routesFile)).map { GRIPRouteLine($0) }
        } catch {
            throw GRIPProxyServerConfigurationError(key: "routesFile", reason: "names the file \(error)")
        }
    }
}
