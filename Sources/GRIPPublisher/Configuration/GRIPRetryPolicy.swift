/// When a publish that failed at a proxy is tried again there, how often and how soon.
///
/// The delay doubles from one attempt to the next, and a random part of up to a half is taken off, so that many
/// publishers do not come back in step.
public struct GRIPRetryPolicy: Sendable, Hashable {
    private enum Kind: Sendable, Hashable { case never, whenNothingWasSent, always }

    private let kind: Kind
    /// How often a proxy is tried altogether.
    public let attempts: Int
    /// The delay before the second attempt, at most.
    public let backoff: Duration
    /// The longest delay.
    public let maximumBackoff: Duration

    private init(_ kind: Kind, attempts: Int, backoff: Duration, maximumBackoff: Duration) {
        self.kind = kind
        self.attempts = max(1, attempts)
        self.backoff = max(.zero, backoff)
        self.maximumBackoff = max(.zero, maximumBackoff)
    }

    /// One attempt only.
    public static let never = GRIPRetryPolicy(.never, attempts: 1, backoff: .zero, maximumBackoff: .zero)

    /// Another attempt where nothing of the request's body was sent, so that nothing can be published twice.
    ///
    /// - Parameters:
    ///   - attempts: How often a proxy is tried altogether; less than 1 counts as 1.
    ///   - backoff: The delay before the second attempt, at most.
    ///   - maximumBackoff: The longest delay.
    /// - Returns: The policy.
    public static func whenNothingWasSent(
        attempts: Int = 3,
        backoff: Duration = .milliseconds(100),
        maximumBackoff: Duration = .seconds(2)
    ) -> GRIPRetryPolicy {
        GRIPRetryPolicy(.whenNothingWasSent, attempts: attempts, backoff: backoff, maximumBackoff: maximumBackoff)
    }

    /// Another attempt also where the proxy may have published: when it gave no answer, or a status of 429 or 5xx.
    ///
    /// Clients may then receive an item twice. Items with ids are safe, because proxies drop the second of the same
    /// id.
    ///
    /// - Parameters:
    ///   - attempts: How often a proxy is tried altogether; less than 1 counts as 1.
    ///   - backoff: The delay before the second attempt, at most.
    ///   - maximumBackoff: The longest delay.
    /// - Returns: The policy.
    public static func always(
        attempts: Int = 3,
        backoff: Duration = .milliseconds(100),
        maximumBackoff: Duration = .seconds(2)
    ) -> GRIPRetryPolicy {
        GRIPRetryPolicy(.always, attempts: attempts, backoff: backoff, maximumBackoff: maximumBackoff)
    }

    /// How long to wait before another attempt, or nothing when there is none.
    ///
    /// - Parameters:
    ///   - failure: Why the last attempt failed.
    ///   - attempt: The number of the last attempt, from 1.
    ///   - jitter: From 0 to 1, which share of the random part to take off.
    package func delay(after failure: GRIPPublishFailure, attempt: Int, jitter: Double) -> Duration? {
        guard attempt < self.attempts, self.covers(failure) else { return nil }
        // 2^20 times any delay worth configuring is beyond any maximum; more would overflow.
        let doubled = self.backoff * (1 << min(attempt - 1, 20))
        return min(doubled, self.maximumBackoff) * (1 - jitter / 2)
    }

    private func covers(_ failure: GRIPPublishFailure) -> Bool {
        let isOfTransport = [.connection, .timeout, .noAnswer].contains(failure.code)
        switch self.kind {
        case .never: return false
        case .whenNothingWasSent: return isOfTransport && !failure.mayHaveBeenPublished
        case .always: return isOfTransport || failure.status.map { $0 == 429 || $0 >= 500 } ?? false
        }
    }
}
