package import GRIPEngine
package import GRIPPublisher
package import Logging

/// All that can be configured where a proxy runs on its own: the proxy itself, and what belongs to the process.
package struct ProxySettings: Sendable {
    package var configuration: GRIPProxyServerConfiguration
    /// The file that the routes come from, or nothing when they were given themselves.
    package var routesFile: String?
    /// How strictly the options of routes are read.
    package var routesDialect = RouteFile.Dialect.own
    /// What gave the routes or the file of routes, or `nil` for values that were set in code.
    var routesPlace: ConfigurationPlace?
    package var logLevel = Logger.Level.info
    /// How many threads there are for connections, or 0 for one for each processor.
    package var threads = 0
    /// The bus to other instances; without a URL there is none.
    package var bus = GRIPBusConfiguration()
    /// How many instances there are, where that is said.
    package var instances: Int?

    package init(configuration: GRIPProxyServerConfiguration = .init()) { self.configuration = configuration }
}
