/// Reads the values of options and collects what is wrong with them.
struct RouteOptionReader {
    let line: Int
    let dialect: RouteFile.Dialect
    private let words: RouteLine
    private(set) var problems: [RouteProblem] = []
    private var seen: Set<String> = []

    init(_ words: RouteLine, line: Int, dialect: RouteFile.Dialect = .own) {
        self.words = words
        self.line = line
        self.dialect = dialect
    }

    /// A text as a message may quote it: never a secret.
    func quoted(_ text: String, at column: Int) -> String { self.words.quoted(text, at: column) }

    /// Whether anything found so far keeps the line from being used.
    var hasErrors: Bool { self.problems.contains { $0.severity == .error } }

    /// Starts with the options of another section.
    mutating func startSection() { self.seen = [] }

    mutating func fail(_ column: Int, _ reason: String) {
        self.problems.append(RouteProblem(.error, line: self.line, column: column, reason))
    }

    mutating func warn(_ column: Int, _ reason: String) {
        self.problems.append(RouteProblem(.warning, line: self.line, column: column, reason))
    }

    /// Complains about what Pushpin takes: an error, or a warning where its files are read.
    ///
    /// - Parameters:
    ///   - column: Where it stands.
    ///   - reason: What is wrong.
    ///   - meaning: What Pushpin makes of it.
    mutating func tolerate(_ column: Int, _ reason: String, _ meaning: String) {
        switch self.dialect {
        case .own: self.fail(column, reason)
        case .pushpin: self.warn(column, "\(reason); \(meaning)")
        }
    }

    /// Complains when an option that may only be given once has been given before.
    mutating func once(_ option: RouteLine.Property) {
        guard !self.seen.insert(option.name).inserted else { return }
        self.tolerate(
            option.column,
            "\(self.quoted(option.name, at: option.column)) is given twice",
            "the last one counts"
        )
    }

    /// An option that needs no value.
    mutating func flag(_ option: RouteLine.Property) -> Bool {
        switch option.value {
        case nil, "", "1", "true", "yes": break
        default:
            let reason = "'\(option.name)' takes no value; leave it out to switch it off"
            self.tolerate(option.column, reason, "as it stands, it is on")
        }
        return true
    }

    /// An option that needs a value.
    mutating func text(_ option: RouteLine.Property) -> String? {
        guard let value = option.value, !value.isEmpty else {
            self.fail(option.column, "'\(option.name)' needs a value")
            return nil
        }
        return value
    }

    /// A count.
    mutating func number(_ option: RouteLine.Property) -> Int? {
        guard let text = self.text(option) else { return nil }
        guard let number = Int32(text), number >= 0 else {
            self.tolerate(
                option.column,
                "'\(option.name)' needs a number, not \(self.quoted(text, at: option.column))",
                "it has no effect"
            )
            return nil
        }
        return Int(number)
    }

    /// One of several words.
    mutating func choice<Choice>(_ option: RouteLine.Property, _ choices: KeyValuePairs<String, Choice>) -> Choice? {
        guard let text = self.text(option) else { return nil }
        if let match = choices.first(where: { $0.key == text }) { return match.value }
        let words = choices.map(\.key).joined(separator: " or ")
        self.fail(option.column, "'\(option.name)' is \(words), not \(self.quoted(text, at: option.column))")
        return nil
    }

    /// A host with or without a port.
    mutating func authority(_ option: RouteLine.Property) -> String? {
        guard let text = self.text(option) else { return nil }
        guard RouteAuthority(text) != nil else {
            self.fail(option.column, "'\(option.name)' needs a host, with or without a port")
            return nil
        }
        return text
    }

    /// An option that is not one of those known.
    mutating func unknown(_ option: RouteLine.Property, known: [String], unsupported: [String]) {
        if unsupported.contains(option.name) {
            self.warn(option.column, "'\(option.name)' is not supported and has no effect")
        } else if let form = RouteLine.form(ofSecretIn: option) {
            self.fail(option.column, "an option with a secret is not written correctly; write \(form)")
        } else {
            let name = self.quoted(option.name, at: option.column)
            let suggestion = EditDistance.nearest(to: option.name, among: known + unsupported)
            let advice = suggestion.map { "; did you mean '\($0)'?" } ?? ""
            switch self.dialect {
            case .own: self.fail(option.column, "unknown option \(name)\(advice)")
            case .pushpin: self.warn(option.column, "unknown option \(name) has no effect\(advice)")
            }
        }
    }
}
