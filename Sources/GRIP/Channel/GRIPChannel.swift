/// A channel, as a hold or a subscription names it: a name, and what the subscriber wants of it.
///
/// A string literal makes a channel with that name and nothing else. Names that are only known at run time go through
/// ``init(_:previousID:filters:member:)``, which checks them:
///
/// ```swift
/// let room = try GRIPChannel("room-\(id)")
/// ```
///
/// Written as an element of `Grip-Channel`, as a channel of an `application/grip-instruct` body, or in a `subscribe`
/// control message. When something is published, only the name counts.
public struct GRIPChannel: Sendable, Hashable {
    /// The most filters that one channel may have.
    public static let maximumFilters = 5

    /// The name that publishers use.
    public let name: String

    /// The id of the last item that the client has seen on the channel (`prev-id`), or nothing where ids are not used.
    ///
    /// With it, a proxy delivers an item only if the item follows this one, and asks the origin again if it does not.
    public let previousID: String?

    /// The filters that each item passes through on its way to this client, in order.
    public let filters: [GRIPFilter]

    /// Who the client is on the channel, or `nil` where it does not count for ``GRIPPresence``.
    public let member: GRIPMember?

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - name: One or more characters; no control characters, commas, semicolons or double quotes, which would
    ///     split a header, and no white space at either end. It counts as UTF-8.
    ///   - previousID: The id of the last item seen, of the same kind of text, but with any punctuation. May be empty.
    ///   - filters: At most five filters.
    ///   - member: Who the client is on the channel; proxies without presence ignore it.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/channel`` or ``GRIPError/Code/filter``.
    public init(
        _ name: String,
        previousID: String? = nil,
        filters: [GRIPFilter] = [],
        member: GRIPMember? = nil
    ) throws(GRIPError) {
        guard !name.isEmpty else { throw GRIPError(.channel, "a channel name must not be empty") }
        if let problem = Self.problem(inName: name) {
            throw GRIPError(.channel, "a channel name must not \(problem)")
        }
        if let previousID, previousID.containsControlCharacters {
            throw GRIPError(.channel, "the prev-id of a channel must not contain control characters")
        }
        guard filters.count <= Self.maximumFilters else {
            throw GRIPError(.filter, "a channel has at most \(Self.maximumFilters) filters, not \(filters.count)")
        }
        self.init(unchecked: name, previousID: previousID, filters: filters, member: member)
    }

    /// For names that a peer sent, which are not ours to refuse, and for checked ones.
    package init(
        unchecked name: String,
        previousID: String? = nil,
        filters: [GRIPFilter] = [],
        member: GRIPMember? = nil
    ) {
        self.name = name
        self.previousID = previousID
        self.filters = filters
        self.member = member
    }

    /// What a header could not carry in a name, or nothing.
    static func problem(inName name: String) -> String? {
        var last: UInt8 = 0
        for (offset, byte) in name.utf8.enumerated() {
            switch byte {
            case 0..<0x20, 0x7F: return "contain control characters"
            case .comma, .semicolon, .quote: return "contain commas, semicolons or double quotes"
            case .space where offset == 0: return "begin with a space"
            default: last = byte
            }
        }
        return last == .space ? "end with a space" : nil
    }

    /// The same channel with a prefix before its name.
    ///
    /// - Parameter prefix: What distinguishes the channels of one application from those of others on the same proxy.
    /// - Returns: A channel with the same prev-id, filters and member.
    public func prefixed(by prefix: GRIPPrefix) -> GRIPChannel {
        guard !prefix.text.isEmpty else { return self }
        return GRIPChannel(
            unchecked: prefix.text + self.name,
            previousID: self.previousID,
            filters: self.filters,
            member: self.member
        )
    }

    /// The same channel for a client that is a member.
    ///
    /// - Parameter member: Who the client is on the channel, or `nil` where it does not count for ``GRIPPresence``.
    /// - Returns: A channel with the same name, prev-id and filters.
    public func with(member: GRIPMember?) -> GRIPChannel {
        GRIPChannel(unchecked: self.name, previousID: self.previousID, filters: self.filters, member: member)
    }
}

extension GRIPChannel: ExpressibleByStringLiteral {
    /// Makes a channel of a name written in the source code.
    ///
    /// - Parameter value: The name. A literal that is no channel name is a mistake in the program and stops it; text
    ///   that is not a literal does not get here.
    public init(stringLiteral value: StaticString) {
        let name = "\(value)"
        // A literal is part of the program, not input: like an array index, it is right or the program is wrong.
        precondition(!name.isEmpty && Self.problem(inName: name) == nil, "'\(name)' is not a channel name")
        self.init(unchecked: name)
    }
}

extension String {
    /// Whether there is what ends a line or a text where these are read.
    var containsLineEnds: Bool { self.utf8.contains { $0 == .newline || $0 == .carriageReturn || $0 == 0 } }

    var containsControlCharacters: Bool { self.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) }
}
