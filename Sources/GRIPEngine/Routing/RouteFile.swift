import GRIP

/// The text of a routes file.
package enum RouteFile {
    /// How strictly options are read.
    package enum Dialect: Sendable, Hashable {
        /// An option that is unknown or given twice is an error: it is probably a slip of the pen.
        case own
        /// The file is one of a Pushpin that works: what Pushpin takes is taken, with a warning.
        case pushpin
    }

    /// Reads a file.
    ///
    /// A line with an error is left out; the others count.
    ///
    /// - Parameters:
    ///   - text: The whole file.
    ///   - dialect: How strictly options are read.
    /// - Returns: The routes and everything that is wrong, both by line.
    package static func parse(
        _ text: some StringProtocol,
        dialect: Dialect = .own
    ) -> (routes: [Route], problems: [RouteProblem]) {
        var routes: [Route] = []
        var problems: [RouteProblem] = []
        let lines = text.skippingByteOrderMark().unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            do throws(RouteProblem) {
                let content = line.last == "\r" ? line.dropLast() : line
                let words = try RouteLine(parsing: String(String.UnicodeScalarView(content)), number: index + 1)
                guard !words.sections.isEmpty else { continue }
                var reader = RouteOptionReader(words, line: index + 1, dialect: dialect)
                if let route = Route.parse(words, reader: &reader) { routes.append(route) }
                problems += reader.problems
            } catch {
                problems.append(error)
            }
        }
        return (routes, problems)
    }
}
