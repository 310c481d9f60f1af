import Testing

/// Where a random walk is, so that a failure can be seen again.
final class WalkPosition {
    let seed: UInt64
    var step = 0
    /// Whether something was wrong; what comes after it says nothing.
    private(set) var hasFailed = false

    init(seed: UInt64) { self.seed = seed }

    func check(
        _ isTrue: Bool,
        _ wrong: @autoclosure () -> String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard !isTrue, !self.hasFailed else { return }
        self.hasFailed = true
        Issue.record("seed \(self.seed), step \(self.step): \(wrong())", sourceLocation: sourceLocation)
    }
}
