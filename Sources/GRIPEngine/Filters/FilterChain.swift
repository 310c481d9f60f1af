package import GRIP
package import NIOCore

/// The filters of one subscription, in order.
package struct FilterChain: Sendable, Hashable {
    private let filters: [KnownFilter]

    /// Makes a chain.
    ///
    /// - Parameter filters: The filters; those that are not known do nothing.
    package init(_ filters: [GRIPFilter]) { self.filters = filters.compactMap { KnownFilter($0) } }

    /// Whether there is nothing to do.
    package var isEmpty: Bool { self.filters.isEmpty }

    /// Whether these are the filters that a publisher relies on.
    ///
    /// - Parameter contentFilters: The filters, in order, that change the content, or nothing where any will do.
    package func matches(contentFilters: [GRIPFilter]?) -> Bool {
        guard let contentFilters else { return true }
        let own = self.filters.lazy.filter(\.changesContent).map(\.rawValue.utf8)
        return own.elementsEqual(contentFilters.lazy.map(\.name.utf8), by: { $0.elementsEqual($1) })
    }

    /// Runs the filters until one drops the content or fails.
    ///
    /// - Parameters:
    ///   - content: What is to be delivered.
    ///   - context: The item and the client.
    /// - Returns: What to deliver, if anything.
    package func apply(to content: ByteBuffer, context: FilterContext) -> FilterOutcome {
        var outcome = FilterOutcome.unchanged
        var current = content
        for filter in self.filters {
            switch filter.apply(to: current, context) {
            case .unchanged: continue
            case .replaced(let replacement):
                current = replacement
                outcome = .replaced(replacement)
            case .dropped: return .dropped
            case .failed(let reason): return .failed("\(filter.rawValue): \(reason)")
            }
        }
        return outcome
    }
}
