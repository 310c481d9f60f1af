import GRIPTesting
import Synchronization

/// Scenarios that failed and then passed, in all suites of a run.
///
/// A second try tells a race, in the proxy or in the suite, from a mistake that is always there. It forgives nothing: what
/// is not in ``known`` is a failure of the run.
final class ConformanceFlakes: Sendable {
    /// A scenario that may need a second try.
    struct Known: Sendable {
        let scenario: String
        /// The proxy that it needs it on, by the name of the session.
        let proxy: String
        /// What the race is, and why it is not mended yet.
        let reason: String
        /// How often it may in one run.
        let limit: Int
    }

    /// The scenarios that may need a second try; none, as long as none is known.
    static let known: [Known] = []

    static let shared = ConformanceFlakes(known: known)

    private let known: [Known]
    private let counts = Mutex<[String: Int]>([:])

    init(known: [Known]) { self.known = known }

    /// Counts a scenario that has passed at its second try.
    ///
    /// - Parameters:
    ///   - failure: Why it failed at first.
    ///   - scenario: Its id.
    ///   - proxy: The name of the session.
    /// - Returns: A line that names and counts it, and why that is one time too many, or `nil` when it is known.
    func note(
        _ failure: GRIPConformanceFailure,
        of scenario: String,
        on proxy: String
    ) -> (line: String, problem: String?) {
        let (count, total) = self.counts.withLock { counts in
            counts["\(scenario) on \(proxy)", default: 0] += 1
            return (counts["\(scenario) on \(proxy)", default: 0], counts.values.reduce(0, +))
        }
        let line = "Flaky: \(scenario) on \(proxy) failed and then passed; \(total) so far. At first: \(failure)"
        guard let known = self.known.first(where: { $0.scenario == scenario && $0.proxy == proxy }) else {
            let advice = "Find the race, or list it in ConformanceFlakes.known with a reason and a limit."
            return (line, "\(scenario) on \(proxy) fails and then passes. \(advice) At first: \(failure)")
        }
        guard count > known.limit else { return (line, nil) }
        let times = "\(count) times, with a limit of \(known.limit)"
        return (line, "\(scenario) on \(proxy) has failed and then passed \(times). At first: \(failure)")
    }
}
