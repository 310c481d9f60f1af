import GRIP
public import GRIPSignature

extension GRIPTimestamp: ExpressibleByIntegerLiteral {
    /// Makes a point in time of the seconds since the beginning of 1970.
    public init(integerLiteral value: Int64) { self.init(secondsSince1970: value) }

    /// The present of these tests.
    static let reference: GRIPTimestamp = 1_800_000_000
}

extension GRIPSignatureVerifier {
    /// A verifier of tokens made with one key.
    convenience init(
        _ key: String,
        issuer: String? = nil,
        leeway: Duration = .zero,
        cacheCapacity: Int = 1024
    ) throws {
        self.init(
            keys: [try GRIPTrustedKey(GRIPKey(key), issuer: issuer)],
            leeway: leeway,
            cacheCapacity: cacheCapacity
        )
    }

    /// Why a token is refused; nothing when it is not.
    func refusal(of token: String, now: GRIPTimestamp = .reference) -> GRIPSignatureError.Code? {
        do {
            try self.verify(token, now: now)
            return nil
        } catch {
            return error.code
        }
    }
}

extension GRIPTokenIssuer {
    init(_ key: String, lifetime: Duration = .seconds(3600)) throws {
        try self.init(key: GRIPKey(key), issuer: "pushpin", lifetime: lifetime)
    }
}
