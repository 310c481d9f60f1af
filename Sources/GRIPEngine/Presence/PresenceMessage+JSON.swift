package import GRIP
import NIOCore

extension PresenceMessage {
    /// The version of the form; others are refused.
    private static let version = 1
    /// Longer texts with members are refused.
    private static let maximumListByteCount = 1024 * 1024
    /// Longer texts without members are refused.
    private static let maximumByteCount = 64 * 1024

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
        let busChannel = publication.channel.name
        let isForAll = busChannel.hasSameBytes(as: PresenceBusChannel.all)
        let limit = isForAll ? Self.maximumByteCount : Self.maximumListByteCount
        guard let text = publication.presenceText, text.utf8.count <= limit else {
            throw PresenceMessageError("it has no text of at most \(limit) bytes")
        }
        let fields = try PresenceFields(parsing: text)
        guard fields.object["v"] == .integer(Self.version) else {
            throw PresenceMessageError("its version is not known")
        }
        self.init(
            owner: try fields.owner("owner"),
            try isForAll ? Content(forAll: fields) : Content(fields, busChannel: busChannel)
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

    fileprivate init(forAll fields: PresenceFields) throws(PresenceMessageError) {
        switch try fields.string("type") {
        case "alive": self = .alive(lost: try fields.integer("lost"), grace: try fields.grace())
        case "question": self = .question(channel: try fields.string("channel"), of: try fields.owners("of"))
        case "kick": self = .kick(channel: try fields.string("channel"), key: try fields.string("key"))
        default: throw PresenceMessageError("its type is not known")
        }
    }

    fileprivate init(_ fields: PresenceFields, busChannel: String) throws(PresenceMessageError) {
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
