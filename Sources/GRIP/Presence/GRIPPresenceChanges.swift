/// The members of a channel and then what changes; see ``GRIPPresence/changes(of:)``.
///
/// ```swift
/// for try await change in presence.changes(of: "room") {
///     switch change {
///     case .snapshot(let snapshot): people = snapshot.members
///     case .joined(let member): print("\(member.key) is here")
///     case .updated(let member): print("\(member.key) is now \(member.info ?? "")")
///     case .left(let member, let reason): print("\(member.key) has left (\(reason))")
///     }
/// }
/// ```
///
/// Each iteration watches by itself and begins with a snapshot.
public struct GRIPPresenceChanges: AsyncSequence, Sendable {
    /// What happens to the members of the channel.
    public typealias Element = GRIPPresenceChange
    /// Why there is nothing to be told.
    public typealias Failure = GRIPPresenceError

    private let makeNext: @Sendable () -> AsyncIterator.Next

    /// Wraps another sequence, as a proxy or a test does.
    ///
    /// - Parameter base: What gives the changes; an iterator is made of it for each iteration.
    public init<Base: AsyncSequence & Sendable>(_ base: Base)
    where Base.Element == GRIPPresenceChange, Base.Failure == GRIPPresenceError {
        self.makeNext = {
            var iterator = base.makeAsyncIterator()
            return { (isolation: isolated (any Actor)?) async throws(GRIPPresenceError) in
                try await iterator.next(isolation: isolation)
            }
        }
    }

    /// A sequence that throws at once.
    ///
    /// - Parameter error: Why there is nothing to be told.
    public init(throwing error: GRIPPresenceError) {
        self.makeNext = { { (_: isolated (any Actor)?) async throws(GRIPPresenceError) in throw error } }
    }

    /// Begins to watch.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: self.makeNext()) }

    /// What gives one change after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        typealias Next = (isolated (any Actor)?) async throws(GRIPPresenceError) -> GRIPPresenceChange?

        let base: Next

        /// Waits for the next change.
        ///
        /// - Parameter actor: The actor that the caller is on.
        /// - Throws: ``GRIPPresenceError``.
        /// - Returns: The change, or `nil` after the last one.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(GRIPPresenceError) -> GRIPPresenceChange? {
            try await self.base(actor)
        }
    }
}
