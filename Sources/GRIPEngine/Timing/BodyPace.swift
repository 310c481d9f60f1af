/// Until when more of a body has to come.
///
/// A pause may be so long, and all together must not be slower than a rate: otherwise a sender could keep a connection
/// for ever with a byte now and then. Each byte buys time, up to that of a pause.
package struct BodyPace: Sendable, Hashable {
    private let pause: Duration
    /// In bytes per second; zero asks for none.
    private let rate: Int
    package private(set) var deadline: EngineTime
    /// Whether the rate, and not the last pause, is what the deadline comes from.
    package private(set) var isAboutRate = false
    /// Bytes that have not bought a millisecond yet.
    private var unspent = 0

    /// Begins with the time of a pause.
    package init(pause: Duration, rate: Int, now: EngineTime) {
        self.pause = pause
        self.rate = rate
        self.deadline = now + pause
    }

    /// Takes note of so many bytes.
    package mutating func received(_ count: Int, now: EngineTime) {
        let longest = now + self.pause
        guard self.rate > 0 else { return self.deadline = longest }
        let (product, isLong) = (self.unspent + count).multipliedReportingOverflow(by: 1000)
        let milliseconds = isLong ? Int.max / 2 : product / self.rate
        self.unspent = isLong ? 0 : (product - milliseconds * self.rate) / 1000
        let bought = self.deadline + .milliseconds(milliseconds)
        self.isAboutRate = bought < longest
        self.deadline = min(bought, longest)
    }
}
