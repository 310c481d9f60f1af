/// A token that signs requests (`Grip-Sig`).
///
/// Anyone who has it can pass requests off as the proxy's for as long as it is valid. So it never shows itself: not in
/// descriptions, not when it is dumped, and not in the descriptions of what holds it.
package struct SignedToken: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The token itself, for the header that carries it.
    package let text: String

    package init(_ text: String) { self.text = text }

    package init(stringLiteral value: String) { self.text = value }
}

extension SignedToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// That there is a token; never the token itself.
    package var description: String { "(redacted)" }

    package var debugDescription: String { self.description }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
