/// A setting of a bus that cannot be used.
public struct GRIPBusConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key of the setting, such as `busPrefix`, whose environment variable is `GRIP_BUS_PREFIX`.
    public let key: String
    /// What is wrong with the value and what to do about it, in words that follow the key; holds no secret.
    public let reason: String

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - key: The key of the setting.
    ///   - reason: What is wrong with the value, in words that follow the key; must hold no secret.
    public init(key: String, reason: String) {
        self.key = key
        self.reason = reason
    }

    /// The environment variable of the setting.
    package var variable: String {
        "GRIP_" + self.key.reduce(into: "") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() }
    }

    /// The key and the reason in one line.
    public var description: String { "GRIP configuration: '\(self.key)' \(self.reason)" }
}

extension GRIPBusConfigurationError: ProgramError {
    package var exitStatus: GRIPProgram.ExitStatus { .badConfiguration }
}
