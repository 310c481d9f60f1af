/// A filter that a proxy runs over each item on its way to one client.
///
/// Proxies ignore filters they do not know; those they know are announced in `Grip-Feature`.
public struct GRIPFilter: Sendable, Hashable, CustomStringConvertible {
    /// The name on the wire.
    public let name: String

    /// Names a filter.
    ///
    /// - Parameter name: A token of letters, digits and `-`, `.`, `_`.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/filter`` when the name is no such token.
    public init(_ name: String) throws(GRIPError) {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else {
            throw GRIPError(.filter, "a filter name consists of letters, digits, '-', '.' and '_'")
        }
        self.init(unchecked: name)
    }

    package init(unchecked name: String) { self.name = name }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Drops an item whose meta `sender` equals the subscription's meta `user`.
    public static let skipSelf = GRIPFilter(unchecked: "skip-self")
    /// Drops an item whose meta `skip_users`, a comma list, names the subscription's meta `user`.
    public static let skipUsers = GRIPFilter(unchecked: "skip-users")
    /// Drops an item whose meta `require_sub` names a channel the client is not subscribed to.
    public static let requireSubscription = GRIPFilter(unchecked: "require-sub")
    /// Replaces `%I` in the content by an id built from the subscription's meta `id_format`.
    public static let buildID = GRIPFilter(unchecked: "build-id")
    /// Replaces `%(name)s` in the content by the subscription's meta of that name.
    public static let substituteVariables = GRIPFilter(unchecked: "var-subst")
    /// Asks the URL in the subscription's meta `url` whether to deliver the item.
    public static let httpCheck = GRIPFilter(unchecked: "http-check")
    /// Asks the URL in the subscription's meta `url` for the content to deliver.
    public static let httpModify = GRIPFilter(unchecked: "http-modify")

    /// The name on the wire.
    public var description: String { self.name }
}
