/// A text that only those may see who need it, such as a bearer token or a password.
///
/// It is written as a literal or made of text that was read, and never shows itself: not in descriptions, not when it is
/// dumped, and not in the descriptions of what holds it.
///
/// ```swift
/// configuration.controlToken = "changeme"
/// ```
public struct GRIPSecret: Sendable, Hashable, ExpressibleByStringLiteral {
    package let text: String

    /// Makes a secret.
    ///
    /// - Parameter text: What it consists of.
    public init(_ text: String) { self.text = text }

    /// Makes a secret of a literal.
    public init(stringLiteral value: String) { self.text = value }
}

extension GRIPSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// That there is a secret; never the secret itself.
    public var description: String { "(redacted)" }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// A mirror without children, so that dumping a secret does not print it.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
