import GRIP
import NIOCore

/// A compact JSON Web Token (RFC 7515 §3.1), taken apart but not verified.
struct CompactToken {
    let algorithm: String
    /// The claims, still as JSON: they are not read before the signature is found right.
    let payload: [UInt8]
    let signature: [UInt8]
    /// What the signature is about.
    let message: [UInt8]

    init(_ text: String) throws(GRIPSignatureError) {
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]), !signature.isEmpty
        else { throw GRIPSignatureError(.malformed) }
        let fields = try Self.object(header)
        guard let algorithm = fields["alg"]?.string else { throw GRIPSignatureError(.malformed) }
        // A header that must be understood (RFC 7515 §4.1.11) is one that we do not understand.
        guard fields["crit"] == nil else { throw GRIPSignatureError(.malformed) }
        self.algorithm = algorithm
        self.payload = payload
        self.signature = signature
        self.message = Array(bytes[..<parts[1].endIndex])
    }

    /// Reads the claims that count.
    func claims() throws(GRIPSignatureError) -> VerifiedSignature {
        let claims = try Self.object(self.payload)
        guard let expiry = Self.timestamp(claims["exp"]) else { throw GRIPSignatureError(.missingExpiry) }
        var notBefore: GRIPTimestamp?
        if let value = claims["nbf"] {
            notBefore = Self.timestamp(value)
            guard notBefore != nil else { throw GRIPSignatureError(.malformed) }
        }
        return VerifiedSignature(issuer: claims["iss"]?.string, expiry: expiry, notBefore: notBefore)
    }

    private static func object(_ json: [UInt8]) throws(GRIPSignatureError) -> JSONObject {
        // A token is made by a program for programs, which must agree on every byte of it.
        guard ByteOrderMark.skipped(json).count == json.count else { throw GRIPSignatureError(.malformed) }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: ByteBuffer(bytes: json))
        } catch {
            throw GRIPSignatureError(.malformed)
        }
        guard let object = value.object else { throw GRIPSignatureError(.malformed) }
        return object
    }

    /// A numeric date (RFC 7519 §2), which may have a fraction.
    private static func timestamp(_ value: JSONValue?) -> GRIPTimestamp? {
        switch value {
        case .integer(let seconds): GRIPTimestamp(secondsSince1970: Int64(seconds))
        case .double(let seconds) where seconds.magnitude < 1e15:
            GRIPTimestamp(secondsSince1970: Int64(seconds.rounded(.down)))
        default: nil
        }
    }
}
