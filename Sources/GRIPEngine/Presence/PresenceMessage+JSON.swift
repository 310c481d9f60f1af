package import GRIP
import NIOCore

/// What is wrong with a publication on a reserved channel.
package struct PresenceMessageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in words that hold nothing of the message.
    package let description: String

    init(_ description: String) { self.description = description }
}

extension PresenceMessage {
    /// The version of the form; others are refused.
    private static let version = 1
    /// Longer texts are refused.
    static let maximumByteCount = 1024 * 1024

    // MARK: Writing

    /// The message as a bus carries it.
    package var publication: GRIPPublication {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("v", Self.version)
            writer.member("owner", Self.text(self.owner))
            self.content.write(to: &writer)
        }
        let text = String(buffer: writer.buffer)
        return GRIPPublication(GRIPItem(.httpStream(.text(text))), to: GRIPChannel(unchecked: self.busChannel))
    }

    static func text(_ owner: UInt64) -> String {
        let digits = String(owner, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    // MARK: Reading

    /// Reads a message that a bus has brought.
    ///
    /// - Parameter publication: A publication to a reserved channel.
    /// - Throws: ``PresenceMessageError`` when it is none of another instance.
    package init(_ publication: GRIPPublication) throws(PresenceMessageError) {
        guard let text = publication.presenceText, text.utf8.count <= Self.maximumByteCount,
            let object = try? JSONValue(parsing: text).object
        else { throw PresenceMessageError("it is no JSON object of at most \(Self.maximumByteCount) bytes") }
        let fields = PresenceFields(object: object)
        guard object["v"] == .integer(Self.version) else { throw PresenceMessageError("its version is not known") }
        self.init(
            owner: try fields.owner("owner"),
            try Content(fields, busChannel: publication.channel.name)
        )
    }
}

extension PresenceMessage.Content {
    fileprivate func write(to writer: inout JSONWriter) {
        switch self {
        case .alive(let lost, let grace):
            writer.member("type", "alive")
            writer.member("lost", lost)
            if let grace { writer.member("grace", grace.milliseconds) }
        case .question(let channel, let owners):
            writer.member("type", "question")
            writer.member("channel", channel)
            guard let owners else { return }
            writer.key("of")
            writer.array { writer in for owner in owners { writer.string(PresenceMessage.text(owner)) } }
        case .kick(let channel, let key):
            writer.member("type", "kick")
            writer.member("channel", channel)
            writer.member("key", key)
        case .snapshot(_, let number, let part, let parts, let entries):
            writer.member("type", "snapshot")
            writer.member("number", number)
            writer.member("part", part)
            writer.member("parts", parts)
            writer.key("members")
            writer.array { writer in for entry in entries { writer.object { entry.write(to: &$0) } } }
        case .changes(_, let number, let previous, let edits):
            writer.member("type", "changes")
            writer.member("number", number)
            writer.member("previous", previous)
            writer.key("changes")
            writer.array { writer in for edit in edits { writer.object { edit.write(to: &$0) } } }
        }
    }

    fileprivate init(_ fields: PresenceFields, busChannel: String) throws(PresenceMessageError) {
        if busChannel.hasSameBytes(as: PresenceBusChannel.all) {
            switch try fields.string("type") {
            case "alive": self = .alive(lost: try fields.integer("lost"), grace: try fields.grace())
            case "question": self = .question(channel: try fields.string("channel"), of: try fields.owners("of"))
            case "kick": self = .kick(channel: try fields.string("channel"), key: try fields.string("key"))
            default: throw PresenceMessageError("its type is not known")
            }
            return
        }
        guard let channel = PresenceBusChannel.channel(of: busChannel) else {
            throw PresenceMessageError("its channel is not known")
        }
        let number = try fields.integer("number")
        switch try fields.string("type") {
        case "snapshot":
            let (part, parts) = (try fields.integer("part"), try fields.integer("parts"))
            guard part < parts else { throw PresenceFields.malformed("part") }
            let entries = try fields.objects("members") { fields throws(PresenceMessageError) in
                try PresenceEntry(fields)
            }
            self = .snapshot(channel: channel, number: number, part: part, parts: parts, entries)
        case "changes":
            let edits = try fields.objects("changes") { fields throws(PresenceMessageError) in
                try PresenceEdit(fields)
            }
            self = .changes(channel: channel, number: number, previous: try fields.integer("previous"), edits)
        default: throw PresenceMessageError("its type is not known")
        }
    }
}

extension PresenceEntry {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("key", self.member.key)
        if let info = self.member.info { writer.member("info", info) }
        writer.member("since", self.since)
        if self.infoSince != self.since { writer.member("info-since", self.infoSince) }
        if self.connections != 1 { writer.member("connections", self.connections) }
    }

    fileprivate init(_ fields: PresenceFields) throws(PresenceMessageError) {
        let member: GRIPMember
        do {
            member = try GRIPMember(try fields.string("key"), info: try fields.optionalString("info"))
        } catch {
            throw PresenceFields.malformed("key' or 'info")
        }
        let since = try fields.integer("since")
        self.init(
            member,
            since: since,
            infoSince: try fields.optionalInteger("info-since"),
            connections: try fields.optionalInteger("connections", in: 1...PresenceFields.maximumCount) ?? 1
        )
    }
}

extension PresenceEdit {
    fileprivate func write(to writer: inout JSONWriter) {
        switch self {
        case .set(let entry): entry.write(to: &writer)
        case .removed(let key, let reason):
            writer.member("key", key)
            writer.member("left", reason.description)
        }
    }

    fileprivate init(_ fields: PresenceFields) throws(PresenceMessageError) {
        guard let text = try fields.optionalString("left") else {
            self = .set(try PresenceEntry(fields))
            return
        }
        guard let reason = GRIPDepartureReason(text) else { throw PresenceFields.malformed("left") }
        self = .removed(try fields.string("key"), reason)
    }
}

/// The members of a message, read with the types that they must have.
private struct PresenceFields {
    /// The largest number of connections that is read, so that sums of them fit.
    static let maximumCount = 1_000_000_000
    /// The longest grace that is read, in milliseconds.
    private static let maximumGrace = 600_000

    let object: JSONObject

    func optionalString(_ name: String) throws(PresenceMessageError) -> String? {
        guard let value = self.object[name] else { return nil }
        guard let string = value.string else { throw Self.malformed(name) }
        return string
    }

    func string(_ name: String) throws(PresenceMessageError) -> String {
        guard let string = try self.optionalString(name), !string.isEmpty else { throw Self.malformed(name) }
        return string
    }

    func optionalInteger(
        _ name: String,
        in range: ClosedRange<Int> = 0...Int.max
    ) throws(PresenceMessageError) -> Int? {
        guard let value = self.object[name] else { return nil }
        guard case .integer(let integer) = value, range.contains(integer) else { throw Self.malformed(name) }
        return integer
    }

    func integer(_ name: String) throws(PresenceMessageError) -> Int {
        guard let integer = try self.optionalInteger(name) else { throw Self.malformed(name) }
        return integer
    }

    func grace() throws(PresenceMessageError) -> Duration? {
        try self.optionalInteger("grace").map { .milliseconds(min($0, Self.maximumGrace)) }
    }

    func owner(_ name: String) throws(PresenceMessageError) -> UInt64 {
        guard let owner = Self.owner(try self.string(name)) else { throw Self.malformed(name) }
        return owner
    }

    func owners(_ name: String) throws(PresenceMessageError) -> [UInt64]? {
        guard let value = self.object[name] else { return nil }
        guard let texts = value.array else { throw Self.malformed(name) }
        let owners = texts.compactMap { $0.string.flatMap(Self.owner) }
        guard owners.count == texts.count else { throw Self.malformed(name) }
        return owners
    }

    func objects<Element>(
        _ name: String,
        _ read: (PresenceFields) throws(PresenceMessageError) -> Element
    ) throws(PresenceMessageError) -> [Element] {
        guard let values = self.object[name]?.array else { throw Self.malformed(name) }
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for value in values {
            guard let object = value.object else { throw Self.malformed(name) }
            elements.append(try read(PresenceFields(object: object)))
        }
        return elements
    }

    private static func owner(_ text: String) -> UInt64? {
        guard text.utf8.count == 16, text.utf8.allSatisfy({ $0.hexDigitValue != nil }) else { return nil }
        return UInt64(text, radix: 16)
    }

    static func malformed(_ name: String) -> PresenceMessageError {
        PresenceMessageError("'\(name)' is missing or is not what it must be")
    }
}

extension GRIPPublication {
    /// The text of a message, or `nil` where the publication holds none.
    fileprivate var presenceText: String? {
        for format in self.item.formats {
            if case .httpStream(let stream) = format.kind, case .send(.text(let text)) = stream.action { return text }
        }
        return nil
    }
}

extension Duration {
    fileprivate var milliseconds: Int {
        Int(clamping: (EngineTime(milliseconds: 0) + self).milliseconds)
    }
}
