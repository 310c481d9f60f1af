import Synchronization

/// The one object that the demo's long-polling clients follow.
final class DemoObject: Sendable {
    /// One state of the object.
    struct Version: Sendable, Equatable {
        var number: Int
        var text: String

        /// The version's id among the items of the channel, which is also its ETag without the quotes.
        var id: String { "v\(self.number)" }
        var etag: String { "\"\(self.id)\"" }
    }

    private let state = Mutex(Version(number: 1, text: "hello"))

    var current: Version { self.state.withLock { $0 } }

    /// Changes the text and returns the version before and the one after.
    func change(to text: String) -> (before: Version, after: Version) {
        self.state.withLock { state in
            let before = state
            state = Version(number: before.number + 1, text: text)
            return (before, state)
        }
    }
}
