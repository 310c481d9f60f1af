import GRIP
package import GRIPEngine
import GRIPPublisher
import GRIPSignature

/// The lines of a routes file, understood, with the keys that they name by a file.
///
/// This is where those files are read, so that no event loop ever waits for a disk.
package struct RoutesReading: Sendable {
    /// The routes that can be used.
    package let table: RouteTable
    /// Whether there is any.
    package let hasRoutes: Bool
    /// The keys in files that routes name.
    let keys: [Route.KeyFile: GRIPKey]
    /// The files that usable routes name, also where they could not be read again.
    let keyFiles: [Route.KeyFile]
    /// What is wrong with the lines, in their order.
    package let problems: [RouteProblem]
    /// What is wrong with keys, in the order of the lines.
    package let keyProblems: [RouteProblem]

    /// Reads lines and key files.
    ///
    /// A line with an error is left out, and so is one whose key cannot be used.
    ///
    /// - Parameters:
    ///   - lines: The lines.
    ///   - folder: What the paths of key files are relative to, or `nil` for the working directory.
    ///   - dialect: How strictly options are read.
    ///   - known: The paths whose keys were read before. When a file cannot be read again, its route stays and goes on
    ///     with the key that it has.
    package init(
        _ lines: [GRIPRouteLine],
        folder: String?,
        dialect: RouteFile.Dialect = .own,
        known: Set<String> = []
    ) {
        let parsed = RouteFile.parse(lines.map(\.text).joined(separator: "\n"), dialect: dialect)
        var keys: [Route.KeyFile: GRIPKey] = [:]
        var keyProblems: [RouteProblem] = []
        let usable = parsed.routes.filter { route in
            do throws(InvalidValue) {
                guard let key = try Self.key(of: route, folder: folder) else { return true }
                if case .file(let file) = route.key { keys[file] = key }
                return true
            } catch {
                guard case .file(let file) = route.key, known.contains(file.path) else {
                    keyProblems.append(RouteProblem(.error, line: route.line, column: 1, "'sig_key' \(error.reason)"))
                    return false
                }
                let reason = "'sig_key' \(error.reason); the key that was read before stays in use"
                keyProblems.append(RouteProblem(.warning, line: route.line, column: 1, reason))
                return true
            }
        }
        self.table = RouteTable(usable)
        self.hasRoutes = !parsed.routes.isEmpty
        self.keys = keys
        self.keyFiles = usable.compactMap { if case .file(let file) = $0.key { file } else { nil } }
        self.problems = (parsed.problems + self.table.problems).sorted(by: RouteProblem.isBefore)
        self.keyProblems = keyProblems
    }

    /// The paths of the key files that lines name.
    package static func keyFiles(in lines: [GRIPRouteLine], dialect: RouteFile.Dialect) -> Set<String> {
        let routes = RouteFile.parse(lines.map(\.text).joined(separator: "\n"), dialect: dialect).routes
        return Set(routes.compactMap { if case .file(let file) = $0.key { file.path } else { nil } })
    }

    private static func key(of route: Route, folder: String?) throws(InvalidValue) -> GRIPKey? {
        let key: GRIPKey
        switch route.key {
        case nil: return nil
        case .key(let value): key = value
        case .file(let file): key = try KeyText.key(file: file.path, folder: folder)
        }
        do throws(GRIPError) {
            _ = try GRIPTokenIssuer(key: key, issuer: "")
        } catch {
            throw InvalidValue("cannot be used: \(error.reason)")
        }
        return key
    }
}

extension RouteProblem {
    package static func isBefore(_ lhs: RouteProblem, _ rhs: RouteProblem) -> Bool {
        (lhs.line, lhs.column) < (rhs.line, rhs.column)
    }
}
