/// A key that signs or verifies GRIP tokens, or authorizes a publish.
///
/// The text forms are those of a GRIP URL and of Pushpin's `sig_key`: `base64:` followed by the bytes of a secret, a
/// PEM block (also on one line with `\n` written as backslash and n, as environment files need it), a JSON Web Key,
/// and anything else as the UTF-8 bytes of a secret. Whether a PEM block or a JSON Web Key really holds a key is found
/// out where the key is used, by the module that does the cryptography.
///
/// A key's description never shows the key.
public struct GRIPKey: Sendable, Hashable {
    package enum Material: Sendable, Hashable {
        case secret([UInt8])
        case pem(String)
        case jwk(String)
    }

    package let material: Material

    init(material: Material) { self.material = material }

    /// Reads a key from its text form.
    ///
    /// - Parameter text: A secret, `base64:` and a secret, a PEM block or a JSON Web Key. Base64 may be of the
    ///   standard or the URL-safe alphabet, with or without padding and white space. A byte-order mark at the start is
    ///   skipped.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/key`` when the text is empty or its Base64 is malformed. An empty
    ///   secret is refused because anyone could sign with it.
    public init(_ text: String) throws(GRIPError) {
        let text = text.skippingByteOrderMark()
        if text.hasPrefix("base64:") {
            guard let bytes = Base64.decode(text.dropFirst("base64:".count).utf8) else {
                throw GRIPError(.key, "what follows 'base64:' is not Base64")
            }
            self = try Self(decoded: bytes)
        } else {
            self = try Self(decoded: Array(text.utf8))
        }
    }

    /// Makes a key of the bytes of a shared secret.
    ///
    /// - Parameter secret: The bytes, of any length but none. Short secrets are accepted, because Pushpin ships with
    ///   one of eight bytes; choose at least 32 random bytes of your own.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/key`` when there are no bytes.
    public init(secret: some Sequence<UInt8>) throws(GRIPError) {
        let bytes = Array(secret)
        guard !bytes.isEmpty else { throw GRIPError(.key, "a secret must not be empty") }
        self.init(material: .secret(bytes))
    }

    private init(decoded bytes: [UInt8]) throws(GRIPError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            try self.init(secret: bytes)
            return
        }
        let trimmed = text.trimmingASCIIWhitespace()
        if trimmed.hasPrefix("-----BEGIN") {
            self.init(material: .pem(trimmed.replacingEscapedNewlines()))
        } else if trimmed.hasPrefix("{") {
            self.init(material: .jwk(String(trimmed)))
        } else {
            try self.init(secret: bytes)
        }
    }

    /// Whether the key is a shared secret, with which whoever verifies can also sign.
    public var isSymmetric: Bool {
        switch self.material {
        case .secret: true
        case .pem: false
        case .jwk(let json):
            // A JWK of type "oct" is a secret; what is not JSON at all is reported by the module that loads it.
            (try? JSONValue(parsing: json))?["kty"]?.string == "oct"
        }
    }

    /// The key as the text of a bearer token, or nothing when its bytes are not UTF-8.
    package var bearerToken: String? {
        switch self.material {
        case .secret(let bytes): String(validating: bytes, as: UTF8.self)
        case .pem, .jwk: nil
        }
    }
}

extension GRIPKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What sort of key it is; never the key itself.
    public var description: String {
        switch self.material {
        case .secret: "GRIPKey(secret, redacted)"
        case .pem: "GRIPKey(PEM, redacted)"
        case .jwk: "GRIPKey(JWK, redacted)"
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// A mirror without children, so that dumping a key does not print it.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension StringProtocol {
    fileprivate func replacingEscapedNewlines() -> String {
        var result = ""
        var rest = self[...]
        while let index = rest.firstIndex(of: "\\") {
            result += rest[..<index]
            let after = rest.index(after: index)
            if after < rest.endIndex, rest[after] == "n" {
                result += "\n"
                rest = rest[rest.index(after: after)...]
            } else {
                result += "\\"
                rest = rest[after...]
            }
        }
        return result + rest
    }
}
