/// How the file descriptors that a process may have open are shared between clients, origins and publishers.
///
/// The system hands out the lowest number that is free. The number of a new connection therefore tells how many are
/// left, whatever else the process has open: a use whose connections stay below a number leaves the numbers above it to
/// the others.
package struct DescriptorShares: Sendable, Hashable {
    /// Whether another client can be accepted.
    package enum Room: Sendable, Hashable {
        /// There is room for many.
        case plenty
        /// The end is near: accept one at a time, and look before each.
        case little
        /// There is none. Those who wait stay with the system until others have left.
        case none
    }

    /// How many descriptors the process may have open.
    package let limit: Int
    /// Connections to origins have lower numbers; the rest is for publishers.
    package let originCeiling: Int
    /// No client is accepted while the next number is not below this one.
    package let clientCeiling: Int
    /// A client whose number is not below this one is closed.
    ///
    /// Loops that look at the same time can each accept one; this is as far as that goes.
    package let clientLimit: Int
    private let scarcity: Int

    /// Shares them out.
    ///
    /// - Parameters:
    ///   - limit: How many descriptors the process may have open.
    ///   - publishers: How many connections of publishers there may be.
    ///   - publisherPart: The share kept for publishers, as a divisor: 8 keeps an eighth. At least 4.
    ///   - originPart: The share kept for origins, as a divisor. At least 4.
    package init(limit: Int, publishers: Int, publisherPart: Int = 8, originPart: Int = 8) {
        let forOrigins = min(256, limit / max(originPart, 4))
        self.limit = limit
        self.originCeiling = limit - min(publishers, limit / max(publisherPart, 4))
        self.clientCeiling = self.originCeiling - forOrigins
        self.clientLimit = self.clientCeiling + forOrigins / 2
        self.scarcity = self.clientCeiling - min(64, limit / 8)
    }

    /// How much room there is for clients.
    ///
    /// - Parameter next: The number that a connection would get now, or `nil` when it would get none.
    package func room(next: Int?) -> Room {
        guard let next, next < self.clientCeiling else { return .none }
        return next < self.scarcity ? .plenty : .little
    }

    /// What to tell the operator when connections that are allowed do not fit.
    ///
    /// - Parameters:
    ///   - connections: How many clients the configuration allows.
    ///   - next: The number that a connection would get now.
    /// - Returns: How many fit, or `nil` when all do.
    package func shortfall(connections: Int, next: Int?) -> Int? {
        let room = max(0, self.clientCeiling - (next ?? self.limit))
        return room < connections ? room : nil
    }
}
