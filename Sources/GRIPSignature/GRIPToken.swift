/// A signed token, and until when it is valid.
public struct GRIPToken: Sendable, Hashable {
    /// The token in its compact form.
    public let text: String
    /// When it expires.
    public let expiry: GRIPTimestamp
}

extension GRIPToken: CustomStringConvertible, CustomReflectable {
    /// When the token expires; not the token itself.
    public var description: String { "GRIPToken(redacted, expires: \(self.expiry.secondsSince1970))" }

    /// A mirror without children, so that dumping a token does not print it.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
