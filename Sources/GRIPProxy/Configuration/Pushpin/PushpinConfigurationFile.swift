import GRIP
import GRIPEngine

/// The text of a `pushpin.conf`: sections of keys and values.
///
/// Reading is all it does: what the keys mean is said by ``PushpinSetting``. Values of an included file are there when
/// the file itself has none.
package struct PushpinConfigurationFile: Sendable, Hashable {
    /// A key of a section.
    package struct Key: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
        package let section: String
        package let name: String

        package init(_ section: String, _ name: String) {
            self.section = section
            self.name = name
        }

        package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }

        /// The key as a message may quote it.
        package var description: String {
            "\(ConfigurationLayer.shown(self.section)).\(ConfigurationLayer.shown(self.name))"
        }
    }

    /// A value and where it stands.
    package struct Entry: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
        package var value: String
        /// The line in its file, from 1.
        package var line: Int
        /// The file, for messages.
        package var source: String

        package var description: String { "\(self.source):\(self.line)" }

        package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
    }

    /// The entries; of several of the same key the last one counts.
    package private(set) var entries: [Key: Entry] = [:]
    /// What is wrong with the text.
    package private(set) var problems: [ConfigurationProblem] = []

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: The whole file.
    ///   - source: What to call the file in messages.
    package init(_ text: String, source: String) {
        var section: String?
        for (index, line) in RoutesText.lines(of: text).enumerated() {
            let line = line.trimmingASCIIWhitespace()
            guard let first = line.utf8.first, first != UInt8(ascii: "#"), first != .semicolon else { continue }
            if first == UInt8(ascii: "[") {
                section = self.readSection(line, at: index + 1, source)
            } else {
                self.readEntry(line, section: section, at: index + 1, source)
            }
        }
    }

    private mutating func readSection(_ line: Substring, at number: Int, _ source: String) -> String? {
        let name = line.dropFirst().dropLast().trimmingASCIIWhitespace()
        guard line.utf8.last == UInt8(ascii: "]"), !name.isEmpty else {
            self.fail(source, number, "a section is written [name]")
            return nil
        }
        return String(name)
    }

    private mutating func readEntry(_ line: Substring, section: String?, at number: Int, _ source: String) {
        guard let equals = line.utf8.firstIndex(of: .equals) else {
            self.fail(source, number, "a line is a section, 'key=value' or a comment that begins with '#'")
            return
        }
        let name = line[..<equals].trimmingASCIIWhitespace()
        guard !name.isEmpty else {
            self.fail(source, number, "a value has no key")
            return
        }
        guard let section else {
            self.fail(source, number, "'\(ConfigurationLayer.shown(name))' stands in no section")
            return
        }
        var value = Self.withoutComment(line[line.index(after: equals)...]).trimmingASCIIWhitespace()
        if let hash = value.utf8.firstIndex(of: UInt8(ascii: "#")), hash > value.startIndex,
            [.space, .tab].contains(value.utf8[value.utf8.index(before: hash)])
        {
            let before = value[..<hash].trimmingASCIIWhitespace()
            if Self.isWord(before) {
                value = before
            } else {
                let reason = "'\(section).\(name)' goes on after '#'; a comment behind a value begins with ';'"
                self.problems.append(ConfigurationProblem(.warning, source: source, line: number, reason))
            }
        }
        let text = Self.unquoted(value)
        self.entries[Key(section, String(name))] = Entry(value: text, line: number, source: source)
    }

    private mutating func fail(_ source: String, _ line: Int, _ reason: String) {
        self.problems.append(ConfigurationProblem(.error, source: source, line: line, reason))
    }

    /// A value without what follows a semicolon that is not in quotes, which is how Pushpin reads it.
    private static func withoutComment(_ value: Substring) -> Substring {
        var isQuoted = false
        var isEscaped = false
        for index in value.utf8.indices {
            switch value.utf8[index] {
            case .semicolon where !isQuoted: return value[..<index]
            case .quote where !isEscaped: isQuoted.toggle()
            default: break
            }
            isEscaped = isQuoted && !isEscaped && value.utf8[index] == .backslash
        }
        return value
    }

    /// Whether a value is a number or a truth value, behind which nobody means more than a comment.
    private static func isWord(_ value: Substring) -> Bool {
        value == "true" || value == "false"
            || !value.isEmpty && value.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// A value without the quotes around it.
    private static func unquoted(_ value: Substring) -> String {
        guard value.utf8.count >= 2, value.utf8.first == .quote, value.utf8.last == .quote else { return String(value) }
        var result: [UInt8] = []
        var isEscaped = false
        for byte in value.utf8.dropFirst().dropLast() {
            if byte == .backslash, !isEscaped {
                isEscaped = true
            } else {
                result.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Takes what another file has and this one has not.
    package mutating func include(_ other: PushpinConfigurationFile) {
        self.entries.merge(other.entries) { own, _ in own }
        self.problems += other.problems
    }

    package subscript(_ section: String, _ name: String) -> Entry? { self.entries[Key(section, name)] }
}
