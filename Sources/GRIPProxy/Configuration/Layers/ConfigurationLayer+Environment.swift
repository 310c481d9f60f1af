import GRIPEngine

extension ConfigurationLayer {
    /// A variable that applications use for something else (`grip.proxyRequired`).
    private static let foreignVariable = "GRIP_PROXY_REQUIRED"

    /// The layer of the environment variables that begin with `GRIP_PROXY_`.
    ///
    /// - Parameter environment: All variables.
    package static func environment(_ environment: [String: String]) -> ConfigurationLayer {
        var texts: [String: String] = [:]
        var origins: [String: Origin] = [:]
        for setting in ProxySetting.all {
            texts[setting.key] = environment[setting.variable]
            origins[setting.key] = Origin(name: setting.variable)
        }
        var layer = ConfigurationLayer(source: "environment", texts: texts, origins: origins)
        let known = Set(ProxySetting.all.map(\.variable))
        let unknown = environment.keys.filter { $0.hasPrefix(ProxySetting.variablePrefix) && !known.contains($0) }
        layer.problems = unknown.sorted().filter { !Self.isForeign($0) }.map { name in
            let word = String(name.dropFirst(ProxySetting.variablePrefix.count))
            let words = known.map { String($0.dropFirst(ProxySetting.variablePrefix.count)) }.sorted()
            let suggestion = EditDistance.nearest(to: word, among: words)
            return ConfigurationProblem(
                .error,
                source: layer.source,
                "unknown variable '\(name)'" + Self.advice(suggestion.map { ProxySetting.variablePrefix + $0 })
            )
        }
        return layer
    }

    static func advice(_ suggestion: String?) -> String {
        suggestion.map { "; did you mean '\($0)'?" } ?? "; remove it or correct its name"
    }

    /// Whether a variable is somebody else's.
    ///
    /// Kubernetes tells a container about a service named `grip-proxy` in variables of this prefix.
    private static func isForeign(_ name: String) -> Bool {
        if name == Self.foreignVariable { return true }
        let rest = name.dropFirst(ProxySetting.variablePrefix.count)
        return rest == "SERVICE_HOST" || rest == "PORT"
            || rest.hasPrefix("SERVICE_PORT") || rest.hasPrefix("PORT_")
    }
}
