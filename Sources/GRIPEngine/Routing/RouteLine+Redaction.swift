import GRIP

extension RouteLine {
    /// What is shown in place of a text that could be a secret.
    package static let redacted = "(redacted)"

    /// The options whose values may be shown.
    private static let harmlessOptions: Set<String> = [
        "path_beg", "proto", "ssl", "id", "prefix", "path_rem", "replace_beg", "as_host", "sig_iss", "debug", "no_grip",
        "aco", "jsonp_mode", "jsonp_cb", "jsonp_body", "jsonp_defcb", "jsonp_defmethod", "log_level", "over_http",
        "one_event", "host", "insecure", "trust_connect_host", "untrusted", "sub",
    ]

    /// The options that take a secret.
    private static let secretOptions = ["sig_key", "header"]

    /// Where a secret may begin, or `nil` in a line without one.
    ///
    /// What follows it may be a part of it: a value with a comma or a blank needs quotes, which people forget.
    package var secretColumn: Int? {
        self.sections.flatMap { section in
            section.properties.filter(Self.mayHoldSecret).map(\.column)
                + (section.value.contains("@") ? [section.column] : [])
        }.min()
    }

    /// Whether an option takes a secret, or looks like one that does and was not written correctly.
    private static func mayHoldSecret(_ property: Property) -> Bool {
        if Self.harmlessOptions.contains(property.name) { return false }
        let name = property.name.prefix { $0 != ":" && $0 != " " }.lowercased()
        return Self.secretOptions.contains { name.hasPrefix($0) }
            || EditDistance.nearest(to: name, among: Self.secretOptions) != nil
    }

    /// How an option with a secret is written, when this one was meant to be one and its value stands in its name.
    static func form(ofSecretIn option: Property) -> String? {
        guard option.value == nil, let end = option.name.firstIndex(where: { ": =".contains($0) }) else { return nil }
        switch option.name[..<end].lowercased() {
        case "sig_key": return "sig_key=KEY"
        case "header": return "header=\"NAME: VALUE\""
        default: return nil
        }
    }

    /// A text of a line as a message may quote it.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - column: Where it stands.
    /// - Returns: The text in quotes, or what stands for a text that may be a secret.
    package func quoted(_ text: String, at column: Int) -> String {
        if text.contains("@") { return Self.redacted }
        guard let secretColumn, column >= secretColumn else { return "'\(LogText.cut(text))'" }
        // The name itself, when its value follows it after the wrong sign.
        let name = text.prefix { $0 != ":" && $0 != " " }
        return Self.secretOptions.contains { name == $0 } || Self.harmlessOptions.contains(text)
            ? "'\(name)'" : Self.redacted
    }

    private func shown(_ section: Section) -> String {
        let isTarget = RouteAuthority(section.value)?.port != nil || ["", "*", "test"].contains(section.value)
        let isSafe = isTarget || section.column < self.secretColumn ?? .max
        let value = isSafe && !section.value.contains("@") ? Self.written(section.value) : Self.redacted
        return ([value] + section.properties.map(Self.shown)).joined(separator: ",")
    }

    /// Whether the value of a harmless option is what it should be.
    private static func isShown(_ property: Property) -> Bool {
        guard let value = property.value else { return true }
        switch property.name {
        case "path_rem", "log_level": return Int(value) != nil
        case "proto": return ["http", "ws"].contains(value)
        case "ssl": return ["yes", "no"].contains(value)
        default: return !value.contains("@")
        }
    }

    private static func shown(_ property: Property) -> String {
        if Self.harmlessOptions.contains(property.name) {
            return Self.isShown(property) ? Self.written(property) : "\(property.name)=\(Self.redacted)"
        }
        return Self.secretOptions.contains(property.name) ? "\(property.name)=\(Self.redacted)" : Self.redacted
    }
}

extension RouteLine: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The line without its secrets, see ``text`` for all of it.
    package var description: String { self.sections.map(self.shown).joined(separator: " ") }

    package var debugDescription: String { self.description }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension RouteLine.Section: CustomStringConvertible, CustomReflectable {
    package var description: String { RouteLine(sections: [self]).description }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension RouteLine.Property: CustomStringConvertible, CustomReflectable {
    package var description: String { self.value == nil ? self.name : "\(self.name)=\(RouteLine.redacted)" }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
