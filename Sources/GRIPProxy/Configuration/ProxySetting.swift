import GRIPPublisher

/// One thing that can be configured: its key, how it is read, and when its value is wrong.
///
/// There is one list of all, see ``ProxySetting/all``, from which reading, validation, suggestions and the reference
/// follow.
package struct ProxySetting: Sendable {
    /// What makes a layer of configuration: the values that are there, and what its paths are relative to.
    struct Source {
        var values: GRIPConfigurationValues
        var folder: String?
    }

    /// The key, as in `limits.connections`.
    package let key: String
    /// The kind of value, in the words of the reference.
    package let type: String
    /// Whether there can be several values.
    package let isList: Bool
    /// The option of `grip proxy` of its own, where it has one.
    package private(set) var option: String?
    /// Whether applications have the same setting, so that its variable is not the proxy's alone.
    package private(set) var isShared = false

    private let load: @Sendable (Source, inout ProxySettings, ProxySetting) throws -> Void
    private let check: @Sendable (ProxySettings) throws(InvalidValue) -> Void
    private let show: @Sendable (ProxySettings) -> String

    init(
        _ key: String,
        type: String,
        isList: Bool = false,
        load: @escaping @Sendable (Source, inout ProxySettings, ProxySetting) throws -> Void,
        check: @escaping @Sendable (ProxySettings) throws(InvalidValue) -> Void,
        show: @escaping @Sendable (ProxySettings) -> String
    ) {
        self.key = key
        self.type = type
        self.isList = isList
        self.load = load
        self.check = check
        self.show = show
    }

    func option(_ option: String) -> ProxySetting {
        var setting = self
        setting.option = option
        return setting
    }

    func sharedWithApplications() -> ProxySetting {
        var setting = self
        setting.isShared = true
        return setting
    }

    /// The environment variable.
    package var variable: String {
        (self.isShared ? Self.sharedVariablePrefix : Self.variablePrefix) + Self.screaming(self.key)
    }

    /// The variable under which a reader that is scoped to the proxy looks for the value.
    var scopedVariable: String { Self.variablePrefix + Self.screaming(self.key) }

    /// The default as the reference shows it, or the empty text where there is none.
    package var defaultText: String { self.show(ProxySettings()) }

    package static let variablePrefix = "GRIP_PROXY_"
    package static let sharedVariablePrefix = "GRIP_"

    /// Takes the value from a source, or leaves the settings as they are when there is none.
    ///
    /// - Throws: What is wrong with the value.
    func apply(_ source: Source, to settings: inout ProxySettings) throws(GRIPProxyServerConfigurationError) {
        do {
            try self.load(source, &settings, self)
            try self.check(settings)
        } catch let error as GRIPPublisherConfigurationError {
            throw GRIPProxyServerConfigurationError(key: error.key, reason: error.reason)
        } catch let error as InvalidValue {
            throw GRIPProxyServerConfigurationError(key: self.key, reason: error.reason)
        } catch {
            throw GRIPProxyServerConfigurationError(key: self.key, reason: "cannot be read: \(error)")
        }
    }

    /// Checks a value, wherever it comes from.
    func validate(_ settings: ProxySettings) throws(GRIPProxyServerConfigurationError) {
        do throws(InvalidValue) {
            try self.check(settings)
        } catch {
            throw GRIPProxyServerConfigurationError(key: self.key, reason: error.reason)
        }
    }

    /// A key in the manner of environment variables, as swift-configuration writes it.
    private static func screaming(_ key: String) -> String {
        var result = ""
        var previous: Character = "."
        for character in key {
            if previous.isLowercase, character.isUppercase { result += "_" }
            result += character == "." ? "_" : character.uppercased()
            previous = character
        }
        return result
    }
}
