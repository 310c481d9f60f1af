import GRIPPublisher
package import Logging

/// Reads a routes file again when it changed or when somebody asks for it.
///
/// A file with an error is not used: the routes stay as they are until it is corrected.
package struct RoutesFollower: Sendable {
    /// What there may be to do something about.
    package enum Event: Sendable, Hashable {
        /// It is time to look at the file.
        case tick
        /// Somebody asked for it (SIGHUP).
        case hangup
    }

    private let settings: ProxySettings
    private let logger: Logger
    private var detector: FileChangeDetector
    /// The key files that the routes in use name.
    private var keyFiles: Set<String>

    /// Makes a follower.
    ///
    /// - Parameters:
    ///   - settings: The settings, of which the file of routes is followed.
    ///   - logger: Where to tell what was done and what is wrong.
    package init(settings: ProxySettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        self.detector = FileChangeDetector(settings.routesFile.flatMap(SmallFile.stamp))
        self.keyFiles = RoutesReading.keyFiles(in: settings.configuration.routes, dialect: settings.routesDialect)
    }

    /// Does what an event asks for.
    ///
    /// - Parameter event: What happened.
    /// - Returns: The new lines of the file, or nothing when the routes stay as they are.
    package mutating func handle(_ event: Event) -> [GRIPRouteLine]? {
        guard let file = self.settings.routesFile else {
            guard event == .hangup else { return nil }
            guard !self.keyFiles.isEmpty else {
                self.logger.notice("there is no routes file to read again")
                return nil
            }
            self.logger.notice("there is no routes file to read again; the key files of the routes are read again")
            return self.settings.configuration.routes
        }
        // Before the file is read: a change during the reading is then seen as one.
        let stamp = SmallFile.stamp(file)
        switch event {
        case .hangup: self.detector.settle(stamp)
        case .tick: guard self.detector.observe(stamp) else { return nil }
        }
        return self.read(file)
    }

    private mutating func read(_ file: String) -> [GRIPRouteLine]? {
        var changed = self.settings
        do throws(GRIPProxyServerConfigurationError) {
            try changed.loadRoutes()
        } catch {
            self.logger.error("the routes stay as they are: '\(error.key)' \(error.reason)")
            return nil
        }
        let problems = changed.checkRoutes(known: self.keyFiles)
        for problem in problems {
            self.logger.log(level: problem.isError ? .error : .warning, "\(problem)")
        }
        guard !problems.contains(where: \.isError) else {
            self.logger.error("the routes stay as they are until '\(file)' is corrected")
            return nil
        }
        self.logger.notice("the routes were read again from '\(file)'")
        self.keyFiles.formUnion(
            RoutesReading.keyFiles(in: changed.configuration.routes, dialect: changed.routesDialect)
        )
        return changed.configuration.routes
    }
}
