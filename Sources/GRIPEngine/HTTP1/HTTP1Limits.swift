/// How much of a message may be anything but content.
package struct HTTP1Limits: Sendable, Hashable {
    /// The bytes of a line.
    package var line: Int
    /// The bytes of a head, of whose first line the target alone counts, and those of the trailers behind a body.
    package var head: Int
    /// The lines with fields of a head, and of trailers.
    package var fields: Int
    /// Empty lines before a message, which some senders put behind the one before.
    package let emptyLines = 4

    /// The bytes of the first line: method and version come on top of the target.
    var firstLine: Int { self.line + 64 }

    package init(head: Int, fields: Int, line: Int? = nil) {
        self.line = line ?? head
        self.head = head
        self.fields = fields
    }
}
