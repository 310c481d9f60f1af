import Crypto
import CryptoExtras
import GRIP

/// A key that is loaded: the one algorithm it serves, and what it can do.
///
/// The algorithm follows from the key and never from a token, which closes the classic confusion of a public key with
/// a shared secret.
enum SigningKey: Sendable {
    case secret(SymmetricKey)
    case p256(P256.Signing.PublicKey, private: P256.Signing.PrivateKey?)
    case rsa(_RSA.Signing.PublicKey, private: _RSA.Signing.PrivateKey?)

    /// The value of `alg` in a token's header.
    var algorithm: String {
        switch self {
        case .secret: "HS256"
        case .p256: "ES256"
        case .rsa: "RS256"
        }
    }

    var canSign: Bool {
        switch self {
        case .secret: true
        case .p256(_, let key): key != nil
        case .rsa(_, let key): key != nil
        }
    }

    func signature(for message: [UInt8]) throws(GRIPError) -> [UInt8] {
        do {
            switch self {
            case .secret(let key):
                return Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
            case .p256(_, let key):
                guard let key else { break }
                return Array(try key.signature(for: message).rawRepresentation)
            case .rsa(_, let key):
                guard let key else { break }
                return Array(try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
            }
        } catch {
            throw GRIPError(.key, "the key cannot sign")
        }
        throw GRIPError(.key, "a public key cannot sign; give the private one")
    }

    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch self {
        case .secret(let key):
            return HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: message, using: key)
        case .p256(let key, _):
            // 64 bytes make a signature; anything else is none, which is all that can go wrong here.
            guard signature.count == 64, let value = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(value, for: message)
        case .rsa(let key, _):
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature),
                for: message,
                padding: .insecurePKCS1v1_5
            )
        }
    }
}
