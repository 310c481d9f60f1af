/// Reads the words of a line, one Unicode scalar after the other.
struct RouteLineScanner {
    private let scalars: [Unicode.Scalar]
    private let line: Int
    private var position = 0

    init(_ text: some StringProtocol, line: Int) {
        self.scalars = Array(text.unicodeScalars)
        self.line = line
    }

    mutating func sections() throws(RouteProblem) -> [RouteLine.Section] {
        var sections: [RouteLine.Section] = []
        while true {
            while let next = self.peek, Self.isBlank(next) { self.position += 1 }
            guard let next = self.peek, next != "#" else { return sections }
            sections.append(try self.section())
        }
    }

    private mutating func section() throws(RouteProblem) -> RouteLine.Section {
        var section = RouteLine.Section(value: "", column: self.position + 1)
        var isFirst = true
        while true {
            let column = self.position + 1
            let text = try self.word(stoppingAtEquals: true)
            if self.peek == "=" {
                self.position += 1
                let value = try self.word(stoppingAtEquals: false)
                guard !text.isEmpty else { throw self.problem(column, "an option has no name") }
                section.properties.append(.init(name: text, value: value, column: column))
            } else if isFirst {
                section.value = text
            } else {
                guard !text.isEmpty else { throw self.problem(column, "an option is empty") }
                section.properties.append(.init(name: text, column: column))
            }
            isFirst = false
            guard self.peek == "," else { return section }
            self.position += 1
        }
    }

    /// Reads up to a comma, a blank, a comment, the end or, in a name, an equals sign.
    private mutating func word(stoppingAtEquals: Bool) throws(RouteProblem) -> String {
        var text = String.UnicodeScalarView()
        while let next = self.peek {
            switch next {
            case "\"": try self.quoted(into: &text)
            case ",", "#": return String(text)
            case "=" where stoppingAtEquals: return String(text)
            case _ where Self.isBlank(next): return String(text)
            default:
                text.append(next)
                self.position += 1
            }
        }
        return String(text)
    }

    private mutating func quoted(into text: inout String.UnicodeScalarView) throws(RouteProblem) {
        let start = self.position + 1
        self.position += 1
        while let next = self.peek {
            self.position += 1
            switch next {
            case "\"": return
            case "\\":
                guard let escaped = self.peek else { throw self.problem(self.position, "an escape is not finished") }
                guard escaped == "\\" || escaped == "\"" else {
                    throw self.problem(self.position, "only \\\\ and \\\" are escapes")
                }
                text.append(escaped)
                self.position += 1
            default: text.append(next)
            }
        }
        throw self.problem(start, "a quote is not closed")
    }

    private var peek: Unicode.Scalar? { self.position < self.scalars.count ? self.scalars[self.position] : nil }

    private func problem(_ column: Int, _ reason: String) -> RouteProblem {
        RouteProblem(.error, line: self.line, column: column, reason)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\r"
    }
}
