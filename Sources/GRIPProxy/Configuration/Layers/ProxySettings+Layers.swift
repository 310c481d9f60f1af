import GRIPEngine
package import GRIPPublisher

extension ProxySettings {
    /// Makes settings of layers, of which later ones win over earlier ones.
    ///
    /// - Parameters:
    ///   - layers: The layers; the defaults are below the first.
    ///   - checkBus: Throws where no bus can be made of the settings; this module knows none.
    /// - Returns: The settings, and everything that is wrong or worth a warning. With an error among it, the settings
    ///   should not be used.
    package static func resolve(
        _ layers: [ConfigurationLayer],
        checkingBus checkBus: (GRIPBusConfiguration) throws(GRIPBusConfigurationError) -> Void = { _ in }
    ) -> (settings: ProxySettings, problems: [ConfigurationProblem]) {
        var settings = ProxySettings()
        var problems: [ConfigurationProblem] = []
        for layer in layers {
            problems += layer.problems
            let before = settings
            problems += settings.apply(layer.config, folder: layer.folder).map(layer.problem)
            if settings.routesFile != before.routesFile {
                settings.routesPlace = layer.place(of: settings.routesFile == nil ? "routes" : "routesFile")
            } else if settings.configuration.routes != before.configuration.routes {
                settings.routesPlace = layer.place(of: "routes")
            }
        }
        settings.routesDialect = layers.contains(where: \.isPushpin) ? .pushpin : .own
        do throws(GRIPProxyServerConfigurationError) {
            try settings.loadRoutes()
            problems += settings.checkRoutes()
        } catch {
            let place = settings.routesPlace ?? ConfigurationPlace(source: "configuration", name: error.key)
            problems.append(place.problem(.error, error.reason))
        }
        do throws(GRIPBusConfigurationError) {
            try checkBus(settings.bus)
        } catch {
            let layer = layers.last { $0.hasValue(of: error.key) }
            let place = layer?.place(of: error.key) ?? ConfigurationPlace(source: "configuration", name: error.key)
            problems.append(place.problem(.error, error.reason))
        }
        problems += settings.checkExposure()
        return (settings, problems)
    }

    /// Warns when whoever reaches this machine can publish.
    private func checkExposure() -> [ConfigurationProblem] {
        guard self.configuration.controlToken == nil else { return [] }
        let exposed = self.configuration.controlListeners.filter { !$0.isLocal }.map(\.description)
        guard !exposed.isEmpty else { return [] }
        return [
            ConfigurationProblem(
                .warning,
                source: "configuration",
                "whoever reaches \(exposed.joined(separator: ", ")) can publish; set a control token"
            )
        ]
    }
}

extension GRIPListener {
    /// Whether only this machine can connect.
    var isLocal: Bool {
        switch self.address {
        case .tcp(let host, _): host == "::1" || host == "localhost" || host.hasPrefix("127.")
        case .unix: true
        }
    }
}
