/// Where a proxy asks on behalf of a held client (`Grip-Link`).
///
/// A *next* link is fetched when a page of a stream has been sent and there is no hold, when an item was missed, and
/// when nothing was delivered for the timeout. A *gone* link is posted to when the client is gone.
public struct GRIPLink: Sendable, Hashable {
    /// The URI, absolute or relative to the request's.
    public let uri: String

    /// After how much time without a delivery a next link is fetched, in whole seconds; 120 where nothing is said.
    public let timeout: Duration?

    /// Makes a link.
    ///
    /// - Parameters:
    ///   - uri: An absolute URI or a reference relative to the request. Commas and semicolons would split the header
    ///     and must be written `%2C` and `%3B`.
    ///   - timeout: After how much time without a delivery to fetch a next link, rounded up to whole seconds. A gone
    ///     link has none.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/link`` when the URI is empty or has characters that a URI, or the
    ///   header, cannot have.
    public init(_ uri: String, timeout: Duration? = nil) throws(GRIPError) {
        guard !uri.isEmpty else { throw GRIPError(.link, "a link must not be empty") }
        for byte in uri.utf8 {
            switch byte {
            case .comma: throw GRIPError(.link, "a link must have its commas written as %2C")
            case .semicolon: throw GRIPError(.link, "a link must have its semicolons written as %3B")
            case 0...0x20, 0x7F...0xFF, .quote, .backslash, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "^"),
                UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
                throw GRIPError(.link, "a link must have its blanks and other special characters percent-encoded")
            default: continue
            }
        }
        self.init(unchecked: uri, timeout: timeout.map { .seconds($0.wholeSeconds) })
    }

    package init(unchecked uri: String, timeout: Duration?) {
        self.uri = uri
        self.timeout = timeout
    }

    func headerValue(relation: String) -> String {
        var value = "<" + self.uri + ">; rel=" + relation
        if let timeout = self.timeout { value += "; timeout=" + String(timeout.wholeSeconds) }
        return value
    }
}
