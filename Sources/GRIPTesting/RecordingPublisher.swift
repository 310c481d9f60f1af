public import GRIP
public import GRIPPublisher
import Synchronization

/// A publisher that sends nothing and remembers everything.
///
/// ```swift
/// let publisher = RecordingPublisher()
/// let grip = try GRIPOrigin(GRIPTestProxy().configuration, publisher: publisher)
/// // ... call the handler ...
/// #expect(publisher.publications(to: "test").first?.item.httpStream?.action == .send("hi\n"))
/// ```
///
/// The channels are those the handler names; a prefix is added by publishers that send.
public final class RecordingPublisher: GRIPPublishing {
    private struct State {
        var publications: [GRIPPublication] = []
        var failure: GRIPPublishFailure?
        var isFull = false
    }

    private let state = Mutex(State())

    /// Makes a publisher that has seen nothing.
    public init() {}

    /// Everything that was published or enqueued, in order.
    public var publications: [GRIPPublication] { self.state.withLock { $0.publications } }

    /// What was published or enqueued to one channel, in order.
    ///
    /// - Parameter channel: The channel; only its name counts.
    /// - Returns: The publications.
    public func publications(to channel: GRIPChannel) -> [GRIPPublication] {
        self.publications.filter { $0.channel.name == channel.name }
    }

    /// What was published or enqueued to one channel whose name is made at run time, in order.
    ///
    /// - Parameter name: The name of the channel.
    /// - Returns: The publications.
    @_disfavoredOverload
    public func publications(to name: some StringProtocol) -> [GRIPPublication] {
        self.publications.filter { $0.channel.name == String(name) }
    }

    /// Forgets what was published.
    public func removeAll() { self.state.withLock { $0.publications = [] } }

    /// Makes every later publish fail, as if the proxy had refused it, or none.
    ///
    /// - Parameter failure: What the proxy's outcome says; nothing ends it.
    public func fail(with failure: GRIPPublishFailure?) { self.state.withLock { $0.failure = failure } }

    /// Makes every later ``enqueue(_:)`` find the queue full, or not.
    ///
    /// - Parameter isFull: Whether the queue is full.
    public func setQueueFull(_ isFull: Bool) { self.state.withLock { $0.isFull = isFull } }

    /// Remembers publications.
    ///
    /// - Parameter publications: What to publish.
    /// - Throws: `GRIPPublishError` after ``fail(with:)``; `GRIPError` with the code `item` where an id or a previous id has
    ///   line ends, which proxies refuse.
    /// - Returns: The outcome of one proxy.
    @discardableResult
    public func publish(_ publications: [GRIPPublication]) async throws -> GRIPPublishResult {
        try GRIPPublication.checkLines(publications)
        let failure = self.state.withLock { state in
            if state.failure == nil { state.publications += publications }
            return state.failure
        }
        let result = GRIPPublishResult(
            outcomes: [
                .init(
                    controlURI: "recording:",
                    accepted: failure == nil ? publications.count : 0,
                    failure: failure
                )
            ]
        )
        guard failure == nil else { throw GRIPPublishError(result) }
        return result
    }

    private static func areValid(_ publications: [GRIPPublication]) -> Bool {
        do {
            try GRIPPublication.checkLines(publications)
            return true
        } catch {
            return false
        }
    }

    /// Remembers publications.
    ///
    /// - Parameter publications: What to publish.
    /// - Returns: False after ``setQueueFull(_:)``, and where ``publish(_:)`` would throw for an id.
    @discardableResult
    public func enqueue(_ publications: [GRIPPublication]) -> Bool {
        self.state.withLock { state in
            guard !state.isFull, Self.areValid(publications) else { return false }
            state.publications += publications
            return true
        }
    }
}
