import NIOCore
import NIOPosix
import Testing

@testable import GRIPProxy

extension ProxyScope {
    /// What all event loops of the proxy count together.
    func count(_ body: @escaping @Sendable (ProxyLoop) -> Int) async throws -> Int {
        try await self.server.core.gather(on: self.group.any(), body).get().reduce(0, +)
    }

    /// Asks until the answer is yes.
    ///
    /// - Parameters:
    ///   - what: What the test is told that never comes.
    ///   - isDone: The question.
    func wait(_ what: String, until isDone: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await !isDone() { try #require(ContinuousClock.now < end, "\(what): not within a minute") }
    }
}
