package import Logging

extension Logger {
    /// Says that a publish failed, one line for each proxy that did: where, and why.
    ///
    /// - Parameter error: What the publish has thrown.
    package func failedPublish(_ error: any Error) {
        guard let error = error as? GRIPPublishError, !error.result.failures.isEmpty else {
            let level: Logger.Level = error is CancellationError ? .debug : .error
            self.log(level: level, "a publish has failed", metadata: ["grip.failure": "\(error)"])
            return
        }
        for outcome in error.result.failures {
            guard let failure = outcome.failure else { continue }
            // Somebody did not want it any more, which is no fault of the proxy's.
            self.log(
                level: failure.code == .cancelled ? .debug : .error,
                "a publish has failed",
                metadata: [
                    "grip.proxy": "\(outcome.controlURI)", "grip.failure": "\(failure)",
                    "grip.failure.code": "\(failure.code)",
                ]
            )
        }
    }
}
