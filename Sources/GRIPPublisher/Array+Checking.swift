package import GRIP
package import Logging

extension [GRIPPublication] {
    /// Whether all of what is enqueued can be published.
    ///
    /// `enqueue` cannot throw, so it logs the error.
    package func areValid(logger: Logger) -> Bool {
        do {
            try GRIPPublication.checkLines(self)
            return true
        } catch {
            logger.error("nothing of what was enqueued is published: \(error.reason)")
            return false
        }
    }
}
