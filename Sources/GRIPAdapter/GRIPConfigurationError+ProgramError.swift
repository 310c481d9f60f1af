package import GRIPPublisher

extension GRIPConfigurationError: ProgramError {
    package var exitStatus: GRIPProgram.ExitStatus { .badConfiguration }

    package var programDescription: String {
        guard self.key.hasPrefix("grip.") else { return "The configuration cannot be used: \(self)" }
        return "The environment variable \(Self.variable(self.key)) cannot be used: \(self)"
    }

    /// The key in the manner of environment variables.
    private static func variable(_ key: String) -> String {
        var result = ""
        for character in key {
            if character.isUppercase { result += "_" }
            result += character == "." ? "_" : character.uppercased()
        }
        return result
    }
}
