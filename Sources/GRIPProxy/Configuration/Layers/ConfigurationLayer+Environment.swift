import GRIPEngine

extension ConfigurationLayer {
    /// A variable that applications use for something else (`grip.proxyRequired`).
    private static let foreignVariable = "GRIP_PROXY_REQUIRED"

    /// What begins the names of variables for the bus, which applications have too.
    private static let busPrefix = "GRIP_BUS"

    /// The layer of the environment variables that begin with `GRIP_PROXY_`, and of those for the bus.
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
            [ProxySetting.variablePrefix, "\(Self.busPrefix)_"].contains(where: { name.hasPrefix($0) })
                && !known.contains(name) && !Self.isForeign(name, value)
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
        let isProxys = name.hasPrefix(ProxySetting.variablePrefix)
        let prefix = isProxys ? ProxySetting.variablePrefix : ProxySetting.sharedVariablePrefix
        let word = String(name.dropFirst(prefix.count))
        func isMeant(_ setting: ProxySetting) -> Bool {
            guard let option = setting.option else { return false }
            return option.dropFirst(2).uppercased().replacing("-", with: "_") == word
        }
        if let setting = ProxySetting.all.first(where: isMeant) { return setting.variable }
        // The word alone, because what is before it is the same for most.
        let words = ProxySetting.all.map { setting in
            (String(setting.scopedVariable.dropFirst(ProxySetting.variablePrefix.count)), setting.variable)
        }
        let nearest = EditDistance.nearest(to: word, among: words.map(\.0).sorted())
        return words.first { $0.0 == nearest }?.1
    }

    /// Whether a variable is somebody else's.
    private static func isForeign(_ name: String, _ value: String) -> Bool {
        name == Self.foreignVariable || ServiceVariable.isOne(name, value: value, ofServiceNamed: "GRIP_PROXY")
            || ServiceVariable.isOne(name, value: value, ofServiceNamed: Self.busPrefix)
    }
}
