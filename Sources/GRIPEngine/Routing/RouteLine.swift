/// A line of a routes file as words: a condition and its targets, not yet understood.
///
/// It can hold keys, which its description and its mirror leave out.
package struct RouteLine: Sendable, Hashable {
    /// An option of a section.
    package struct Property: Sendable, Hashable {
        package var name: String
        /// What follows the equals sign, or nothing when there is none.
        package var value: String?
        /// Where the property starts.
        package var column: Int

        package init(name: String, value: String? = nil, column: Int = 1) {
            self.name = name
            self.value = value
            self.column = column
        }

        /// Two properties are the same wherever they stand.
        package static func == (lhs: Self, rhs: Self) -> Bool { lhs.name == rhs.name && lhs.value == rhs.value }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(self.name)
            hasher.combine(self.value)
        }
    }

    /// A condition or a target: a value and its options.
    package struct Section: Sendable, Hashable {
        package var value: String
        package var properties: [Property]
        /// Where the section starts.
        package var column: Int

        package init(value: String, properties: [Property] = [], column: Int = 1) {
            self.value = value
            self.properties = properties
            self.column = column
        }

        /// Two sections are the same wherever they stand.
        package static func == (lhs: Self, rhs: Self) -> Bool {
            lhs.value == rhs.value && lhs.properties == rhs.properties
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(self.value)
            hasher.combine(self.properties)
        }
    }

    /// The sections in their order; none for a line that is empty or a comment.
    package var sections: [Section]

    package init(sections: [Section]) { self.sections = sections }

    /// Splits a line into words.
    ///
    /// - Parameters:
    ///   - text: The line without its end.
    ///   - number: The number of the line, for the problem.
    /// - Throws: The first thing that is wrong.
    package init(parsing text: some StringProtocol, number: Int = 1) throws(RouteProblem) {
        var scanner = RouteLineScanner(text, line: number)
        self.sections = try scanner.sections()
    }

    /// The line, written so that it parses to the same words; it shows everything, also keys.
    package var text: String {
        self.sections.map { section in
            ([Self.written(section.value)] + section.properties.map(Self.written)).joined(separator: ",")
        }.joined(separator: " ")
    }

    static func written(_ property: Property) -> String {
        guard let value = property.value else { return Self.written(property.name) }
        return "\(Self.written(property.name))=\(Self.written(value))"
    }

    static func written(_ text: String) -> String {
        let special: Set<Unicode.Scalar> = [" ", "\t", ",", "=", "#", "\"", "\\", "\r"]
        guard text.isEmpty || text.unicodeScalars.contains(where: special.contains) else { return text }
        var result = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.append("\\") }
            result.append(scalar)
        }
        result.append("\"")
        return String(result)
    }
}
