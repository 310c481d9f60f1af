/// Who a subscriber of a channel is, as the origin names it: what makes a connection count for presence.
///
/// A hold or a WebSocket subscription names the member with its channel:
///
/// ```swift
/// let member = try GRIPMember("user-17", info: #"{"name":"Alice"}"#)
/// let room = try GRIPChannel("room", member: member)
/// ```
///
/// Several connections with one key are one member. The key and the info are visible to everyone who may see the members
/// of the channel, so that neither may hold a secret.
///
/// Two members are equal when the bytes of their keys and of their infos are.
public struct GRIPMember: Sendable {
    /// The most bytes that a key has in UTF-8.
    public static let maximumKeyBytes = 256
    /// The most bytes that an info has in UTF-8.
    public static let maximumInfoBytes = 1024

    /// What tells members of a channel apart; keys are compared byte by byte.
    public let key: String
    /// A text about the member that others may see, usually compact JSON, or `nil` where there is none.
    public let info: String?

    /// Names a member.
    ///
    /// - Parameters:
    ///   - key: From 1 to 256 bytes of UTF-8, without control characters.
    ///   - info: At most 1,024 bytes of UTF-8, without control characters; JSON fits when it is written in one line without
    ///     tabs. May be empty.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/member``.
    public init(_ key: String, info: String? = nil) throws(GRIPError) {
        guard !key.isEmpty else { throw GRIPError(.member, "the key of a member must not be empty") }
        guard key.utf8.count <= Self.maximumKeyBytes else {
            throw GRIPError(
                .member,
                "the key of a member has at most \(Self.maximumKeyBytes) bytes, not \(key.utf8.count)"
            )
        }
        guard !key.containsControlCharacters else {
            throw GRIPError(.member, "the key of a member must not contain control characters")
        }
        if let info {
            guard info.utf8.count <= Self.maximumInfoBytes else {
                throw GRIPError(
                    .member,
                    "the info of a member has at most \(Self.maximumInfoBytes) bytes, not \(info.utf8.count)"
                )
            }
            guard !info.containsControlCharacters else {
                throw GRIPError(
                    .member,
                    "the info of a member must not contain control characters; write JSON in one line"
                )
            }
        }
        self.key = key
        self.info = info
    }
}

extension GRIPMember: Hashable {
    /// Whether the bytes of the keys and of the infos are the same.
    public static func == (lhs: GRIPMember, rhs: GRIPMember) -> Bool {
        guard lhs.key.hasSameBytes(as: rhs.key) else { return false }
        switch (lhs.info, rhs.info) {
        case (nil, nil): return true
        case (let info?, let other?): return info.hasSameBytes(as: other)
        default: return false
        }
    }

    /// Hashes the bytes of the key and of the info.
    public func hash(into hasher: inout Hasher) {
        self.key.hashBytes(into: &hasher)
        self.info?.hashBytes(into: &hasher)
    }
}
