import GRIP

/// The text of a routes file.
package enum RouteFile {
    /// Reads a file.
    ///
    /// A line with an error is left out; the others count.
    ///
    /// - Parameter text: The whole file.
    /// - Returns: The routes and everything that is wrong, both by line.
    package static func parse(_ text: some StringProtocol) -> (routes: [Route], problems: [RouteProblem]) {
        var routes: [Route] = []
        var problems: [RouteProblem] = []
        let lines = text.skippingByteOrderMark().unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            do throws(RouteProblem) {
                let content = line.last == "\r" ? line.dropLast() : line
                let words = try RouteLine(parsing: String(String.UnicodeScalarView(content)), number: index + 1)
                guard !words.sections.isEmpty else { continue }
                var reader = RouteOptionReader(line: index + 1)
                if let route = Route.parse(words, reader: &reader) { routes.append(route) }
                problems += reader.problems
            } catch {
                problems.append(error)
            }
        }
        return (routes, problems)
    }
}
