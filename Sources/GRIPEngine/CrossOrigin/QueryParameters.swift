import GRIP

/// The parameters of a query, in order.
struct QueryParameters: Sendable, Hashable {
    struct Parameter: Sendable, Hashable {
        /// The parameter as it was written.
        var source: String
        /// The decoded name, or nothing where it cannot be decoded.
        var name: String?
        /// The decoded value, empty where there is none, or nothing where it cannot be decoded.
        var value: String?
    }

    private(set) var parameters: [Parameter]

    /// Splits a query that has no question mark before it.
    ///
    /// A `+` is a plus, and what is not UTF-8 cannot be decoded.
    init(_ query: Substring) {
        self.parameters = query.utf8.split(separator: UInt8(ascii: "&")).map { piece in
            let pair = piece.split(separator: .equals, maxSplits: 1, omittingEmptySubsequences: false).map(
                Substring.init
            )
            return Parameter(
                source: String(Substring(piece)),
                name: pair.first.flatMap { PercentCoding.decode($0) },
                value: pair.count == 2 ? PercentCoding.decode(pair[1]) : ""
            )
        }
    }
}
