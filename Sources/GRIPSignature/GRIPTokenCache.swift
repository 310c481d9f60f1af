public import GRIP
import Synchronization

/// Signs a token only when the last one nears its end.
public final class GRIPTokenCache: Sendable {
    private let issuer: GRIPTokenIssuer
    private let margin: Duration
    private let current = Mutex<GRIPToken?>(nil)

    /// Makes a cache.
    ///
    /// - Parameter issuer: What signs. A token is replaced when a tenth of its lifetime is left, but at the latest a
    ///   minute before its end if it lives that long.
    public init(_ issuer: GRIPTokenIssuer) {
        self.issuer = issuer
        self.margin = min(issuer.lifetime / 2, max(issuer.lifetime / 10, .seconds(60)))
    }

    /// A token that is valid for a while.
    ///
    /// - Parameter now: The present.
    /// - Throws: `GRIPError` with `GRIPError.Code.key` when the key cannot sign.
    /// - Returns: The last token, or a new one.
    public func token(now: GRIPTimestamp = .now) throws(GRIPError) -> GRIPToken {
        let margin = self.margin
        let cached = self.current.withLock { $0 }
        if let cached, now.advanced(by: margin) < cached.expiry,
            // A clock that was set back must not make a token last longer than it was meant to.
            cached.expiry <= now.advanced(by: self.issuer.lifetime)
        {
            return cached
        }
        let token = try self.issuer.token(now: now)
        self.current.withLock { $0 = token }
        return token
    }
}
