import GRIP

/// Header lines as they are on the wire: in order, repeated, and in the letters they were sent with.
struct HeaderList: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    struct Line: Sendable, Hashable, CustomStringConvertible {
        var name: String
        var value: String

        var description: String { "\(self.name): \(self.value)" }
    }

    private(set) var lines: [Line] = []

    init() {}

    init(dictionaryLiteral elements: (String, String)...) {
        self.lines = elements.map { Line(name: $0.0, value: $0.1) }
    }

    /// Reads the lines of a head; one without a colon is a name only.
    init(parsing lines: some Sequence<Substring>) {
        self.lines = lines.map { line in
            let name = line.prefix { $0 != ":" }
            return Line(name: String(name), value: String(line.dropFirst(name.count + 1).trimmingASCIIWhitespace()))
        }
    }

    /// The value of the first line of a name.
    subscript(_ name: String) -> String? {
        self.lines.first { $0.name.equalsIgnoringASCIICase(name) }?.value
    }

    /// The values of all lines of a name.
    func all(_ name: String) -> [String] {
        self.lines.filter { $0.name.equalsIgnoringASCIICase(name) }.map(\.value)
    }

    /// The names that begin with a prefix, whatever the case of its letters.
    func names(beginningWith prefix: String) -> [String] {
        self.lines.map(\.name).filter { $0.prefix(prefix.count).equalsIgnoringASCIICase(prefix) }
    }

    /// The elements of all lines of a name whose values are lists.
    func elements(_ name: String) -> [String] {
        self.all(name).flatMap { $0.split(separator: ",") }.map { String($0.trimmingASCIIWhitespace()) }
    }

    mutating func append(_ name: String, _ value: String) { self.lines.append(Line(name: name, value: value)) }

    static func + (lhs: HeaderList, rhs: HeaderList) -> HeaderList {
        var sum = lhs
        sum.lines += rhs.lines
        return sum
    }

    /// The lines as they are sent.
    var text: String { self.lines.map { "\($0.name): \($0.value)\r\n" }.joined() }
}
