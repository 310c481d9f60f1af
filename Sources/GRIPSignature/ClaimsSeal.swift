import Crypto
package import GRIP
import NIOCore

/// Signs claims that travel through a proxy in the query of a link, and verifies them when they come back.
///
/// A seal is bound to what it was made for and expires. It is not a token: the key of a seal is derived from the secret, so
/// a proxy that signs tokens with the same secret never makes a seal.
package struct ClaimsSeal: Sendable {
    /// Why claims are not believed.
    package enum Problem: String, Error, Sendable, CustomStringConvertible {
        case malformed = "they are malformed"
        case mismatch = "they are not signed by this application, or are those of another link"
        case expired = "they have expired"

        package var description: String { self.rawValue }
    }

    /// The longest seal, in bytes: a request line has room for it.
    package static let maximumLength = 4096
    private let key: SymmetricKey

    /// Makes a seal of a shared secret.
    ///
    /// - Parameter key: The secret.
    /// - Throws: `GRIPError` with `GRIPError.Code.key` when the key is no shared secret.
    package init(_ key: GRIPKey) throws(GRIPError) {
        guard case .secret(let secret) = try SigningKey(key) else {
            throw GRIPError(.key, "the claims of a link are signed with a shared secret, not with a key of a pair")
        }
        let derived = HMAC<SHA256>.authenticationCode(for: Array("swift-grip: claims of links, 1".utf8), using: secret)
        self.key = SymmetricKey(data: derived)
    }

    /// Signs claims.
    ///
    /// - Parameters:
    ///   - claims: The claims, by name.
    ///   - subject: What they are for.
    ///   - expiry: When they expire.
    /// - Throws: `GRIPError` with `GRIPError.Code.link` when there are too many.
    /// - Returns: The claims and the signature, in characters that a query can have.
    package func seal(
        _ claims: [String: String],
        for subject: String,
        until expiry: GRIPTimestamp
    ) throws(GRIPError) -> String {
        let members = claims.sorted { $0.key < $1.key }.map { JSONObject.Member($0.key, .string($0.value)) }
        let payload = JSONValue.object(
            JSONObject(members: [
                .init("exp", .integer(Int(expiry.secondsSince1970))),
                .init("claims", .object(JSONObject(members: members))),
            ])
        )
        var writer = JSONWriter()
        writer.value(payload)
        let encoded = Base64URL.encode(writer.bytes)
        let code = HMAC<SHA256>.authenticationCode(for: Self.message(subject, encoded), using: self.key)
        let text = String(decoding: encoded + [UInt8(ascii: ".")] + Base64URL.encode(Array(code)), as: UTF8.self)
        guard text.utf8.count <= Self.maximumLength else {
            throw GRIPError(
                .link,
                "the claims of a link take \(text.utf8.count) bytes, more than \(Self.maximumLength)"
            )
        }
        return text
    }

    /// Verifies claims.
    ///
    /// - Parameters:
    ///   - text: What ``seal(_:for:until:)`` has made.
    ///   - subject: What they should be for.
    ///   - now: The present.
    /// - Throws: ``Problem``.
    /// - Returns: The claims.
    package func open(
        _ text: some StringProtocol,
        for subject: String,
        now: GRIPTimestamp = .now
    ) throws(Problem) -> [String: String] {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumLength else { throw .malformed }
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2, let code = Base64URL.decode(parts[1]) else { throw .malformed }
        let message = Self.message(subject, Array(parts[0]))
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: self.key) else {
            throw .mismatch
        }
        guard let payload = Base64URL.decode(parts[0]), let value = Self.value(payload),
            case .integer(let expiry) = value["exp"], let members = value["claims"]?.object?.members
        else { throw .malformed }
        guard now.secondsSince1970 < expiry else { throw .expired }
        var claims: [String: String] = [:]
        for member in members { claims[member.key] = member.value.string }
        return claims
    }

    private static func value(_ json: [UInt8]) -> JSONValue? {
        // Text that is not JSON is malformed, without a further reason.
        try? JSONValue(parsing: ByteBuffer(bytes: json))
    }

    private static func message(_ subject: String, _ payload: [UInt8]) -> [UInt8] {
        Array(subject.utf8) + [UInt8(ascii: "\n")] + payload
    }
}
