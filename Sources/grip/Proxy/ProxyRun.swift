import ArgumentParser
import GRIPProxy
import Logging

extension ProxyCommand {
    /// Runs the proxy until it is told to end.
    func serve(_ settings: ProxySettings, logger: Logger) async throws {
        throw ValidationError("this build has no server yet; --check works")
    }
}
