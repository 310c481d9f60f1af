/// Which subjects a subscription is for: one, or all that match wildcards.
///
/// A token `*` stands for any one token, and `>` at the end for one or more.
public struct GRIPNATSSubjectPattern: Sendable, Hashable {
    /// The pattern as it is sent.
    public let text: String

    /// Checks a text and makes a pattern of it.
    ///
    /// - Parameter text: A subject in which any token may be `*` and the last one `>`.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/subject``.
    public init(_ text: String) throws(GRIPNATSError) {
        if let problem = SubjectText.problem(in: text, wildcards: .allowed) {
            throw GRIPNATSError(.subject, "the subject of a subscription must not \(problem)")
        }
        self.text = text
    }

    /// Makes a pattern for one subject only.
    ///
    /// - Parameter subject: The subject.
    public init(_ subject: GRIPNATSSubject) { self.text = subject.text }

    /// For texts that consist of checked ones.
    package init(unchecked text: String) { self.text = text }

    /// Whether messages that are published under a subject go to a subscription for this pattern.
    ///
    /// - Parameter subject: The subject.
    /// - Returns: Whether each token fits.
    public func matches(_ subject: GRIPNATSSubject) -> Bool {
        var tokens = subject.text.utf8.split(separator: SubjectText.dot)[...]
        for wanted in self.text.utf8.split(separator: SubjectText.dot) {
            if wanted.elementsEqual([SubjectText.rest]) { return !tokens.isEmpty }
            guard let token = tokens.popFirst() else { return false }
            guard wanted.elementsEqual([SubjectText.any]) || wanted.elementsEqual(token) else { return false }
        }
        return tokens.isEmpty
    }
}

extension GRIPNATSSubjectPattern: ExpressibleByStringLiteral {
    /// Makes a pattern that is written in the source code.
    ///
    /// - Parameter value: The pattern. A literal that is no pattern is a mistake in the program and stops it; text that
    ///   is not a literal does not get here.
    public init(stringLiteral value: StaticString) {
        let text = "\(value)"
        // A literal is part of the program, not input: like an array index, it is right or the program is wrong.
        precondition(
            SubjectText.problem(in: text, wildcards: .allowed) == nil,
            "'\(text)' is not a pattern of subjects"
        )
        self.init(unchecked: text)
    }
}

extension GRIPNATSSubjectPattern: CustomStringConvertible {
    /// The pattern as it is sent.
    public var description: String { self.text }
}
