import ArgumentParser

/// Exit codes after `sysexits.h`, so that scripts can tell why.
extension ExitCode {
    /// What is to be published cannot be.
    static let badData = ExitCode(65)
    /// A file cannot be read.
    static let noInput = ExitCode(66)
    /// No proxy could be reached, or an address cannot be listened on.
    static let unavailable = ExitCode(69)
    /// The configuration has errors.
    static let badConfiguration = ExitCode(78)
}
