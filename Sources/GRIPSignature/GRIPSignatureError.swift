/// Why a token does not verify.
///
/// Two errors are equal when their codes are. Neither the token nor a key is ever part of one.
public struct GRIPSignatureError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String, Sendable {
            case tooLong, malformed, algorithmNotAllowed, signatureMismatch, missingExpiry, expired, notYetValid
            case issuerMismatch
        }

        private let value: Value

        private init(_ value: Value) { self.value = value }

        /// The token is longer than ``GRIPSignatureVerifier/maximumTokenLength``.
        public static let tooLong = Code(.tooLong)
        /// The token is no compact JSON Web Token.
        public static let malformed = Code(.malformed)
        /// No configured key serves the algorithm that the token names.
        public static let algorithmNotAllowed = Code(.algorithmNotAllowed)
        /// No configured key made the signature.
        public static let signatureMismatch = Code(.signatureMismatch)
        /// The token has no `exp`, or one that is no number.
        public static let missingExpiry = Code(.missingExpiry)
        /// The token's time is over.
        public static let expired = Code(.expired)
        /// The token's `nbf` is in the future.
        public static let notYetValid = Code(.notYetValid)
        /// The key is right, but the token names another issuer than it should.
        public static let issuerMismatch = Code(.issuerMismatch)

        /// The code as a bounded, lower-camel-case word, fit for a metric label.
        public var description: String { self.value.rawValue }
    }

    /// The kind of failure.
    public let code: Code

    init(_ code: Code) { self.code = code }

    /// The kind of failure, in words.
    public var description: String {
        switch self.code {
        case .tooLong: "the token is too long"
        case .malformed: "the token is not a compact JSON Web Token"
        case .algorithmNotAllowed: "no configured key serves the token's algorithm"
        case .signatureMismatch: "no configured key made the token's signature"
        case .missingExpiry: "the token has no expiry time"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .issuerMismatch: "the token is of another issuer than configured"
        default: self.code.description
        }
    }
}
