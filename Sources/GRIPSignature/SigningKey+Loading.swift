import Crypto
import CryptoExtras
import GRIP

extension SigningKey {
    init(_ key: GRIPKey) throws(GRIPError) {
        switch key.material {
        case .secret(let bytes): self = .secret(SymmetricKey(data: bytes))
        case .pem(let text): self = try Self.load(pem: text)
        case .jwk(let json): self = try Self.load(jwk: json)
        }
    }

    private static func load(pem: String) throws(GRIPError) -> SigningKey {
        // `openssl ecparam -genkey` puts a block with the name of the curve before the key, which repeats it.
        let pem = pem.split(separator: "-----END EC PARAMETERS-----\n", maxSplits: 1).last.map(String.init) ?? pem
        // A PEM block does not always say which kind of key it holds, so each kind has its try.
        if let key = try? P256.Signing.PublicKey(pemRepresentation: pem) { return .p256(key, private: nil) }
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) {
            return .p256(key.publicKey, private: key)
        }
        // RSA keys of less than 2048 bits are refused by these initializers.
        if let key = try? _RSA.Signing.PublicKey(pemRepresentation: pem) { return .rsa(key, private: nil) }
        if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) {
            return .rsa(key.publicKey, private: key)
        }
        throw GRIPError(.key, "the PEM block is neither a P-256 nor an RSA key of at least 2048 bits")
    }

    private static func load(jwk json: String) throws(GRIPError) -> SigningKey {
        guard let jwk = try? JSONValue(parsing: json) else { throw GRIPError(.key, "the JSON Web Key is not JSON") }
        func bytes(_ name: String) throws(GRIPError) -> [UInt8]? {
            guard let text = jwk[name]?.string else { return nil }
            guard let bytes = Base64.decode(text.utf8), !bytes.isEmpty else {
                throw GRIPError(.key, "the member '\(name)' of the JSON Web Key is not Base64")
            }
            return bytes
        }
        switch jwk["kty"]?.string {
        case "oct":
            guard let secret = try bytes("k") else { throw GRIPError(.key, "the JSON Web Key lacks 'k'") }
            return .secret(SymmetricKey(data: secret))
        case "EC":
            guard jwk["crv"]?.string == "P-256" else {
                throw GRIPError(.key, "of elliptic curves only P-256 is supported")
            }
            guard let x = try bytes("x"), let y = try bytes("y") else {
                throw GRIPError(.key, "the JSON Web Key lacks 'x' or 'y'")
            }
            let secret = try bytes("d")
            return try Self.load("P-256 key") {
                let publicKey = try P256.Signing.PublicKey(rawRepresentation: x + y)
                guard let secret else { return .p256(publicKey, private: nil) }
                let privateKey = try P256.Signing.PrivateKey(rawRepresentation: secret)
                // Otherwise one would sign what the other does not verify.
                guard Array(privateKey.publicKey.rawRepresentation) == x + y else { return nil }
                return .p256(publicKey, private: privateKey)
            }
        case "RSA":
            guard let n = try bytes("n"), let e = try bytes("e") else {
                throw GRIPError(.key, "the JSON Web Key lacks 'n' or 'e'")
            }
            let d = try bytes("d")
            let p = try bytes("p")
            let q = try bytes("q")
            if d != nil, p == nil || q == nil {
                throw GRIPError(.key, "a private RSA JSON Web Key needs its primes 'p' and 'q' too")
            }
            return try Self.load("RSA key of at least 2048 bits") {
                let publicKey = try _RSA.Signing.PublicKey(n: n, e: e)
                guard let d, let p, let q else { return .rsa(publicKey, private: nil) }
                return .rsa(publicKey, private: try .init(n: n, e: e, d: d, p: p, q: q))
            }
        default:
            throw GRIPError(.key, "the JSON Web Key is of no known type; 'kty' is 'oct', 'EC' or 'RSA'")
        }
    }

    private static func load(_ name: String, _ make: () throws -> SigningKey?) throws(GRIPError) -> SigningKey {
        guard let key = try? make() else { throw GRIPError(.key, "the numbers of the JSON Web Key make no \(name)") }
        return key
    }
}
