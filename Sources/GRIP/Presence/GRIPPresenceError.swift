/// Why nobody can be told who is on a channel, or a member cannot be kicked.
public enum GRIPPresenceError: Error, Sendable, Hashable {
    /// There is no presence here: it is switched off, or the proxy is one that has none, such as Pushpin.
    ///
    /// The reason says which, and what to do instead.
    case unavailable(reason: String)
    /// As many are watching as may watch at once.
    case tooManyWatchers(limit: Int)
    /// As many channels are watched as may be watched at once.
    case tooManyChannels(limit: Int)
    /// The bus does not take a kick, so that only connections of this instance have ended.
    ///
    /// The reason is that of the bus. A second kick is harmless.
    case notToldOthers(reason: GRIPBusAcceptance.Refusal)
}

extension GRIPPresenceError: CustomStringConvertible {
    /// What is wrong and what to do about it, in one line.
    public var description: String {
        switch self {
        case .unavailable(let reason): "presence is not available: \(reason)"
        case .tooManyWatchers(let limit):
            "presence has \(limit) watchers, which is the limit; let some of them end, or raise the limit"
        case .tooManyChannels(let limit):
            "presence watches \(limit) channels, which is the limit; let some watchers end, or raise the limit"
        case .notToldOthers(let reason):
            "the member is kicked on this instance only, because the bus does not take the kick (\(reason)); kick it again"
        }
    }
}
