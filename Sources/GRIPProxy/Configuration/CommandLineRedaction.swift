import GRIPEngine

/// Takes secrets out of what is said about a command line: a parser quotes what it does not understand, and what follows
/// an option for a secret may be a part of it.
package struct CommandLineRedaction: Sendable {
    private let secrets: [String]

    /// Finds what may be a secret.
    ///
    /// - Parameters:
    ///   - arguments: The command line without the name of the program.
    ///   - options: The options that take secrets; a misspelt one counts too.
    package init(_ arguments: [String], secretOptions options: [String]) {
        var secrets: [String] = []
        var isSecret = false
        for argument in arguments {
            // A key in Base64 may begin like an option, but not with two hyphens.
            guard argument.hasPrefix("-"), argument.utf8.count > 1 else {
                if isSecret { secrets.append(argument) }
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let short = argument.hasPrefix("--") ? nil : String(argument.prefix(2))
            isSecret = options.contains(name) || short.map(options.contains) == true
            if !isSecret, name.hasPrefix("--") {
                isSecret = EditDistance.nearest(to: name, among: options.filter { $0.hasPrefix("--") }) != nil
            }
            guard isSecret else { continue }
            if parts.count == 2 { secrets.append(String(parts[1])) }
            if short != nil, argument.utf8.count > 2 { secrets.append(String(argument.dropFirst(2))) }
        }
        // The longer first, so that no part of one is left.
        self.secrets = secrets.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    /// A message without the secrets.
    package func redacted(_ message: String) -> String {
        self.secrets.reduce(message) { message, secret in
            // Short texts stand in other words too, and a parser quotes what it was given.
            let isShort = secret.utf8.count < 4
            let (sought, replacement) = isShort ? ("'\(secret)'", "'(redacted)'") : (secret, "(redacted)")
            return message.split(separator: sought, omittingEmptySubsequences: false).joined(separator: replacement)
        }
    }
}
