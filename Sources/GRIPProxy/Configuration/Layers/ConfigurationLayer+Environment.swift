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
        let unknown = environment.filter { name, value in
            name.hasPrefix(ProxySetting.variablePrefix) && !known.contains(name) && !Self.isForeign(name, value)
        }
        layer.problems = unknown.keys.sorted().map { name in
            ConfigurationProblem(
                .error,
                source: layer.source,
                "unknown variable '\(Self.shown(name))'" + Self.advice(Self.suggestion(for: name))
            )
        }
        return layer
    }

    static func advice(_ suggestion: String?) -> String {
        suggestion.map { "; did you mean '\($0)'?" } ?? "; remove it or correct its name"
    }

    /// What is probably meant by the name of a variable.
    ///
    /// Options are known by other names than variables: `GRIP_PROXY_CONTROL_PORT` is what `--control-port` suggests.
    private static func suggestion(for name: String) -> String? {
        let word = String(name.dropFirst(ProxySetting.variablePrefix.count))
        func isMeant(_ setting: ProxySetting) -> Bool {
            guard let option = setting.option else { return false }
            return option.dropFirst(2).uppercased().replacing("-", with: "_") == word
        }
        if let setting = ProxySetting.all.first(where: isMeant) { return setting.variable }
        let words = ProxySetting.all.map { String($0.variable.dropFirst(ProxySetting.variablePrefix.count)) }
        return EditDistance.nearest(to: word, among: words.sorted()).map { ProxySetting.variablePrefix + $0 }
    }

    /// Whether a variable is somebody else's.
    private static func isForeign(_ name: String, _ value: String) -> Bool {
        name == Self.foreignVariable || ServiceVariable.isOne(name, value: value, ofServiceNamed: "GRIP_PROXY")
    }
}
