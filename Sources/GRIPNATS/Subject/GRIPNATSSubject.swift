/// The name that a message is published under, such as `orders.created`.
///
/// A subject is checked when it is made, so that no text can get into a protocol line that changes what the line means,
/// and so that nothing is published where it silently goes nowhere:
///
/// ```swift
/// let subject = try GRIPNATSSubject("orders.\(region).created")
/// ```
public struct GRIPNATSSubject: Sendable, Hashable {
    /// How many bytes a subject may have.
    ///
    /// Two of them, of a message and of the reply to it, fit into the 4,096 bytes that a server takes in a line.
    public static let maximumByteCount = 2000

    /// The subject as it is sent.
    public let text: String

    /// Checks a text and makes a subject of it.
    ///
    /// - Parameter text: Tokens with dots between them. No token is empty, and none has a space, a control character, `*`
    ///   or `>`. At most ``maximumByteCount`` bytes.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/subject``.
    public init(_ text: String) throws(GRIPNATSError) {
        if let problem = SubjectText.problem(in: text, wildcards: .refused) {
            throw GRIPNATSError(.subject, "a subject must not \(problem)")
        }
        self.text = text
    }

    /// For texts that consist of checked ones.
    package init(unchecked text: String) { self.text = text }
}

extension GRIPNATSSubject: ExpressibleByStringLiteral {
    /// Makes a subject that is written in the source code.
    ///
    /// - Parameter value: The subject. A literal that is no subject is a mistake in the program and stops it; text that
    ///   is not a literal does not get here.
    public init(stringLiteral value: StaticString) {
        let text = "\(value)"
        // A literal is part of the program, not input: like an array index, it is right or the program is wrong.
        precondition(SubjectText.problem(in: text, wildcards: .refused) == nil, "'\(text)' is not a subject")
        self.init(unchecked: text)
    }
}

extension GRIPNATSSubject: CustomStringConvertible {
    /// The subject as it is sent.
    public var description: String { self.text }
}
