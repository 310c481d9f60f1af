import Configuration
import GRIP
import GRIPEngine

/// Values from one place: a file, the environment or the command line.
///
/// Each layer is read on its own, so that a problem can be told with the place it is in, a path is relative to the file
/// that it stands in, and routes of a higher layer replace a routes file of a lower one.
package struct ConfigurationLayer: Sendable, CustomStringConvertible, CustomReflectable {
    /// What a key is called in this place, and where it stands.
    package struct Origin: Sendable, Hashable {
        package var name: String
        package var line: Int?
        /// The file where it stands, when that is one which the layer's file includes.
        package var source: String?

        package init(name: String, line: Int? = nil, source: String? = nil) {
            self.name = name
            self.line = line
            self.source = source
        }
    }

    /// The place, in words for a person.
    let source: String
    /// What relative paths are relative to, or nothing for the working directory.
    let folder: String?
    let config: ConfigReader
    /// What keys are called here, where that differs from the key.
    var origins: [String: Origin] = [:]
    /// Whether the place belongs to a Pushpin, whose routes files are read as it reads them.
    var isPushpin = false
    /// What was wrong already when the place was looked at.
    var problems: [ConfigurationProblem] = []

    init(source: String, folder: String?, values: [AbsoluteConfigKey: ConfigValue]) {
        self.source = source
        self.folder = folder
        self.config = ConfigReader(provider: InMemoryProvider(name: source, values: values))
    }

    /// A layer of texts, which are read as numbers and the like where those are asked for.
    ///
    /// - Parameters:
    ///   - source: The place, in words for a person.
    ///   - folder: What relative paths are relative to.
    ///   - texts: The values by key.
    ///   - origins: What the keys are called in that place.
    package init(source: String, folder: String? = nil, texts: [String: String], origins: [String: Origin] = [:]) {
        self.source = source
        self.folder = folder
        self.origins = origins
        let names = ProxySetting.all.compactMap { setting in texts[setting.key].map { (setting.scopedVariable, $0) } }
        // The provider of environment variables is the one that reads values out of text.
        let provider = EnvironmentVariablesProvider(
            environmentVariables: Dictionary(names, uniquingKeysWith: { first, _ in first }),
            secretsSpecifier: .all
        )
        self.config = ConfigReader(provider: provider).scoped(to: "grip.proxy")
    }

    /// The place alone: which of the values are secrets is known where they are read.
    package var description: String { "ConfigurationLayer(\(self.source))" }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }

    /// A key as a message may quote it: what follows a sign that no key has could be a value.
    static func shown(_ key: some StringProtocol) -> String {
        let name = key.unicodeScalars.prefix {
            $0.properties.isAlphabetic || "0123456789._-".unicodeScalars.contains($0)
        }
        let isWhole = name.endIndex == key.unicodeScalars.endIndex
        return LogText.cut(String(String.UnicodeScalarView(name)), to: 64) + (isWhole ? "" : "…")
    }

    /// Where this layer has the value of a key.
    func place(of key: String) -> ConfigurationPlace {
        let origin = self.origins[key] ?? Origin(name: key)
        return ConfigurationPlace(source: origin.source ?? self.source, line: origin.line, name: origin.name)
    }

    /// Whether this layer has a value for a key.
    func hasValue(of key: String) -> Bool {
        // What is asked for here is a text or a list of texts, which a number is not.
        let name = ConfigKey(key)
        return self.config.string(forKey: name, isSecret: true) != nil
            || self.config.stringArray(forKey: name, isSecret: true) != nil
    }

    func problem(_ error: GRIPProxyServerConfigurationError) -> ConfigurationProblem {
        self.place(of: error.key).problem(.error, error.reason)
    }
}
