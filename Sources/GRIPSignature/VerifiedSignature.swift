/// What a token says whose signature is right and whose time is not over.
public struct VerifiedSignature: Sendable, Hashable {
    /// Who issued the token (`iss`).
    public let issuer: String?
    /// When the token expires (`exp`).
    public let expiry: GRIPTimestamp
    /// From when the token is valid (`nbf`).
    let notBefore: GRIPTimestamp?

    func check(now: GRIPTimestamp, leeway: Duration) throws(GRIPSignatureError) {
        guard now < self.expiry.advanced(by: leeway) else { throw GRIPSignatureError(.expired) }
        if let notBefore, now.advanced(by: leeway) < notBefore { throw GRIPSignatureError(.notYetValid) }
    }
}
