import GRIPEngine

/// A line of a routes file, as a literal or as text that was read.
///
/// ```swift
/// configuration.routes = ["* localhost:8000,over_http"]
/// ```
///
/// A line can hold secrets: the key of `sig_key`, the value of a `header`. So what is printed of it, and of what holds it,
/// shows the conditions and targets but no secret.
public struct GRIPRouteLine: Sendable, Hashable, ExpressibleByStringInterpolation {
    package let text: String

    /// Makes a line.
    ///
    /// - Parameter text: The line without its end. Whether it is a valid route is found out where it is used.
    public init(_ text: String) { self.text = text }

    /// Makes a line of a literal.
    public init(stringLiteral value: String) { self.text = value }
}

extension GRIPRouteLine: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The line without its secrets, or that there is a line where it cannot be read as one.
    public var description: String {
        do throws(RouteProblem) {
            return try RouteLine(parsing: self.text).description
        } catch {
            return RouteLine.redacted
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// A mirror without children, so that dumping a line does not print its secrets.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
