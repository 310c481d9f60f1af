import GRIPEngine

extension ProxySettings {
    /// Where the routes stand, in words for a person: a file, or the option, variable or key that they were given by.
    package var routesSource: String {
        if let routesFile { return routesFile }
        guard !self.configuration.routes.isEmpty else { return "none" }
        return self.routesPlace.map { "\($0.name) (\($0.source))" } ?? "routes"
    }

    /// Reads the routes and their key files as the proxy will, without using them.
    ///
    /// - Parameter known: The paths of key files that the proxy has read before. When one of these cannot be read, the
    ///   proxy goes on with the key that it has and says so itself.
    /// - Returns: What is wrong with them, by line; a route whose key cannot be used is an error too.
    package func checkRoutes(known: Set<String> = []) -> [ConfigurationProblem] {
        let reading = RoutesReading(
            self.configuration.routes,
            folder: self.configuration.routesFolder,
            dialect: self.routesDialect,
            known: known
        )
        let found = reading.problems + reading.keyProblems.filter { $0.severity == .error }
        var problems = found.sorted(by: RouteProblem.isBefore).map { problem in
            ConfigurationProblem(
                problem.severity,
                source: self.routesSource,
                line: problem.line,
                column: problem.column,
                problem.reason
            )
        }
        if !reading.hasRoutes, problems.isEmpty {
            problems.append(
                ConfigurationProblem(
                    .warning,
                    source: self.routesFile ?? "configuration",
                    "there is no route, so that every request is answered with 502; '* localhost:8000' is one"
                )
            )
        }
        return problems
    }
}
