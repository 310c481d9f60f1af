import ArgumentParser

/// What the command line says and cannot be published.
struct PublishInputError: Error {
    let reason: String
    let exitCode: ExitCode

    init(_ reason: String, _ exitCode: ExitCode = .badData) {
        self.reason = reason
        self.exitCode = exitCode
    }
}
