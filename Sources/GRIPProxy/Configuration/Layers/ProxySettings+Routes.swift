import GRIP
import GRIPEngine
import GRIPSignature

extension ProxySettings {
    /// Where the routes stand, in words for a person.
    package var routesSource: String { self.routesFile ?? "routes" }

    /// Reads the routes as the proxy will, without using them.
    ///
    /// - Returns: What is wrong with them, by line; a route whose key cannot be used is an error too.
    package func checkRoutes() -> [ConfigurationProblem] {
        let parsed = RouteFile.parse(self.configuration.routes.joined(separator: "\n"))
        let found = parsed.problems + RouteTable(parsed.routes).problems + parsed.routes.compactMap(self.keyProblem)
        var problems = found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }.map { problem in
            ConfigurationProblem(
                problem.severity,
                source: self.routesSource,
                line: problem.line,
                column: problem.column,
                problem.reason
            )
        }
        if parsed.routes.isEmpty, problems.isEmpty {
            problems.append(
                ConfigurationProblem(
                    .warning,
                    source: self.routesSource,
                    "there is no route, so that every request is answered with 502; '* localhost:8000' is one"
                )
            )
        }
        return problems
    }

    private func keyProblem(_ route: Route) -> RouteProblem? {
        do throws(InvalidValue) {
            let key: GRIPKey
            switch route.key {
            case nil: return nil
            case .key(let value): key = value
            case .file(let path): key = try KeyText.key(file: path, folder: self.configuration.routesFolder)
            }
            do throws(GRIPError) {
                _ = try GRIPTokenIssuer(key: key, issuer: "")
            } catch {
                throw InvalidValue("cannot be used: \(error.reason)")
            }
            return nil
        } catch {
            return RouteProblem(.error, line: route.line, column: 1, "'sig_key' \(error.reason)")
        }
    }
}
