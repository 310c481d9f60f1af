import Crypto
package import GRIP

/// An Ed25519 key as NATS uses it ("nkey"): what signs the nonce of a server.
///
/// Its text, the seed, is Base32 of two bytes that tell what the key is for, of 32 bytes and of a checksum.
package struct NATSKey: Sendable {
    /// What a key is for.
    package enum Role: UInt8, Sendable, CaseIterable {
        case account = 0
        case `operator` = 0x70
        case user = 0xA0
    }

    private static let seedPrefix: UInt8 = 0x90

    package let role: Role
    private let key: Curve25519.Signing.PrivateKey

    /// Makes a new key.
    package init(role: Role) {
        self.role = role
        self.key = Curve25519.Signing.PrivateKey()
    }

    /// Reads a seed.
    ///
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/credentials``, which holds nothing of the seed.
    package init(seed: GRIPSecret) throws(GRIPNATSError) {
        let text = seed.text.trimmingASCIIWhitespace()
        guard let bytes = Base32.decode(text.utf8), bytes.count == 36 else {
            throw GRIPNATSError(
                .credentials,
                "the seed of a key is Base32 of 36 bytes and begins with 'SU'; this is not"
            )
        }
        guard Self.checksum(bytes.dropLast(2)) == UInt16(bytes[34]) | UInt16(bytes[35]) << 8 else {
            throw GRIPNATSError(
                .credentials,
                "the checksum of a key's seed is wrong: a part of it is missing or mistyped"
            )
        }
        guard bytes[0] & 0xF8 == Self.seedPrefix,
            let role = Role(rawValue: (bytes[0] & 0x07) << 5 | (bytes[1] & 0xF8) >> 3)
        else {
            throw GRIPNATSError(.credentials, "this is not the seed of a user's key, which begins with 'SU'")
        }
        self.role = role
        do {
            self.key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes[2..<34])
        } catch {
            throw GRIPNATSError(.credentials, "a key cannot be made of this seed")
        }
    }

    /// The seed, to be kept.
    package var seed: GRIPSecret {
        var bytes = [Self.seedPrefix | self.role.rawValue >> 5, (self.role.rawValue & 0x1F) << 3]
        bytes += self.key.rawRepresentation
        return GRIPSecret(Self.encoded(bytes))
    }

    /// The public key, which begins with `U` for a user.
    package var publicKey: String { Self.encoded([self.role.rawValue] + self.key.publicKey.rawRepresentation) }

    /// Signs a text.
    ///
    /// - Returns: The signature in Base64 for URLs, without padding.
    package func signature(of text: String) throws(GRIPNATSError) -> String {
        do {
            return Self.base64URL(try self.key.signature(for: Array(text.utf8)))
        } catch {
            throw GRIPNATSError(.credentials, "the nonce of the server cannot be signed")
        }
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        let checksum = Self.checksum(bytes)
        return Base32.encode(bytes + [UInt8(truncatingIfNeeded: checksum), UInt8(checksum >> 8)])
    }

    private static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        let text = Base64.encode(bytes).compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// CRC-16 of the kind XMODEM uses.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var checksum: UInt16 = 0
        for byte in bytes {
            checksum ^= UInt16(byte) << 8
            for _ in 0..<8 { checksum = checksum & 0x8000 == 0 ? checksum << 1 : checksum << 1 ^ 0x1021 }
        }
        return checksum
    }
}

extension NATSKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The public key; never the seed.
    package var description: String { "NATSKey(\(self.publicKey))" }

    package var debugDescription: String { self.description }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
