import GRIP
import GRIPEngine

extension ConfigurationLayer {
    /// The layer of the command line.
    ///
    /// - Parameters:
    ///   - options: The values of options by key, in their order; a key without values was not given.
    ///   - assignments: Further values as `key=value`.
    package static func commandLine(options: [String: [String]], assignments: [String] = []) -> ConfigurationLayer {
        var values: [String: [String]] = [:]
        var origins: [String: Origin] = [:]
        var problems: [ConfigurationProblem] = []
        func fail(_ reason: String) {
            problems.append(ConfigurationProblem(.error, source: Self.commandLineSource, reason))
        }
        func take(_ setting: ProxySetting, _ texts: [String], as name: String) {
            guard setting.isList || texts.count + (values[setting.key]?.count ?? 0) <= 1 else {
                return fail("'\(name)' is given twice")
            }
            guard texts.allSatisfy({ !$0.trimmingASCIIWhitespace().isEmpty }) else {
                return fail("'\(name)' needs a value")
            }
            values[setting.key, default: []] += texts
            origins[setting.key] = Origin(name: name)
        }
        for setting in ProxySetting.all {
            guard let texts = options[setting.key], !texts.isEmpty else { continue }
            take(setting, texts, as: setting.option ?? setting.key)
        }
        for assignment in assignments {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts[0])
            if let setting = ProxySetting.all.first(where: { $0.key.utf8.elementsEqual(key.utf8) }), parts.count == 2 {
                take(setting, [String(parts[1])], as: setting.key)
            } else if parts.count == 2 {
                let suggestion = EditDistance.nearest(to: key, among: ProxySetting.all.map(\.key))
                fail("unknown key '\(Self.shown(key))'" + Self.advice(suggestion))
            } else {
                // What has no equals sign may be a value that is secret.
                fail("'--set' takes a key, an equals sign and a value")
            }
        }
        var layer = ConfigurationLayer(
            source: Self.commandLineSource,
            texts: values.mapValues { $0.joined(separator: "\n") },
            origins: origins
        )
        layer.problems = problems
        return layer
    }

    private static let commandLineSource = "command line"
}
