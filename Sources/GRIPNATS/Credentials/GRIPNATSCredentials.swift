public import GRIP

/// How a client shows a server who it is.
///
/// Credentials never show what is secret in them.
///
/// ```swift
/// let credentials = try GRIPNATSCredentials(file: text)
/// ```
public struct GRIPNATSCredentials: Sendable {
    package enum Material: Sendable {
        case user(GRIPSecret, password: GRIPSecret)
        case token(GRIPSecret)
        case key(NATSKey)
        case jwt(GRIPSecret, NATSKey)
    }

    package let material: Material

    package init(_ material: Material) { self.material = material }

    /// A user with a password.
    ///
    /// - Parameters:
    ///   - user: The user.
    ///   - password: The password.
    public static func user(_ user: String, password: GRIPSecret) -> GRIPNATSCredentials {
        GRIPNATSCredentials(.user(GRIPSecret(user), password: password))
    }

    /// A token.
    ///
    /// - Parameter token: The token.
    public static func token(_ token: GRIPSecret) -> GRIPNATSCredentials { GRIPNATSCredentials(.token(token)) }

    /// A key, of which the server knows the public half ("nkey").
    ///
    /// - Parameter seed: The seed, which begins with `SU`.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/credentials`` when it is no seed of a user's key.
    public static func key(seed: GRIPSecret) throws(GRIPNATSError) -> GRIPNATSCredentials {
        GRIPNATSCredentials(.key(try Self.userKey(seed)))
    }

    /// A JSON Web Token of a user, and the key that it names.
    ///
    /// - Parameters:
    ///   - jwt: The token.
    ///   - seed: The seed of the key, which begins with `SU`.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/credentials`` when it is no seed of a user's key, or no token.
    public static func jwt(_ jwt: GRIPSecret, seed: GRIPSecret) throws(GRIPNATSError) -> GRIPNATSCredentials {
        let text = String(jwt.text.trimmingASCIIWhitespace())
        guard text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).count == 3,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw GRIPNATSError(
                .credentials,
                "a JSON Web Token has three parts with dots between them; this is not one"
            )
        }
        return GRIPNATSCredentials(.jwt(GRIPSecret(text), try Self.userKey(seed)))
    }

    /// Reads the seed of a user's key; servers take the signatures of no other.
    private static func userKey(_ seed: GRIPSecret) throws(GRIPNATSError) -> NATSKey {
        let key = try NATSKey(seed: seed)
        guard key.role == .user else {
            throw GRIPNATSError(
                .credentials,
                "this is the seed of an \(key.role)'s key; a client needs that of a user's key, which begins with 'SU'"
            )
        }
        return key
    }

    /// Reads the text of a credentials file, as `nsc` writes it (`.creds`).
    ///
    /// - Parameter text: The content of the file: a JSON Web Token and a seed, each between lines of hyphens.
    /// - Throws: ``GRIPNATSError`` with ``GRIPNATSError/Code/credentials``.
    public init(file text: String) throws(GRIPNATSError) {
        let blocks = Self.blocks(of: text)
        guard blocks.count >= 2 else {
            throw GRIPNATSError(
                .credentials,
                "a credentials file has a JSON Web Token and a seed, each between lines of hyphens; this has not"
            )
        }
        self = try .jwt(GRIPSecret(blocks[0]), seed: GRIPSecret(blocks[1]))
    }

    /// The texts that stand in one line between two lines of hyphens.
    private static func blocks(of text: String) -> [String] {
        var blocks: [String] = []
        var content: [String]?
        for line in text.skippingByteOrderMark().split(whereSeparator: \.isNewline) {
            let line = line.trimmingASCIIWhitespace()
            guard line.hasBytePrefix("---"), line.utf8.suffix(3).elementsEqual("---".utf8) else {
                if !line.isEmpty { content?.append(String(line)) }
                continue
            }
            if let content, content.count == 1 { blocks.append(content[0]) }
            content = content == nil ? [] : nil
        }
        return blocks
    }

    /// What a server that says this nonce is to be told.
    package func authorization(nonce: String?) throws(GRIPNATSError) -> NATSConnect.Authorization {
        switch self.material {
        case .user(let user, let password): return .user(user, password: password)
        case .token(let token): return .token(token)
        case .key(let key): return .key(key.publicKey, signature: try Self.sign(nonce, key))
        case .jwt(let jwt, let key): return .jwt(jwt, signature: try Self.sign(nonce, key))
        }
    }

    private static func sign(_ nonce: String?, _ key: NATSKey) throws(GRIPNATSError) -> String {
        guard let nonce else {
            throw GRIPNATSError(
                .authorization,
                "the server asks for no signature: it is not configured for keys or JSON Web Tokens"
            )
        }
        return try key.signature(of: nonce)
    }
}

extension GRIPNATSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What sort of credentials they are; never what is secret in them.
    public var description: String {
        switch self.material {
        case .user: "GRIPNATSCredentials(user and password, redacted)"
        case .token: "GRIPNATSCredentials(token, redacted)"
        case .key(let key): "GRIPNATSCredentials(key \(key.publicKey))"
        case .jwt(_, let key): "GRIPNATSCredentials(JSON Web Token, key \(key.publicKey))"
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// A mirror without children, so that dumping credentials does not print them.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
