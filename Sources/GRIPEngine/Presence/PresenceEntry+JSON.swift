import GRIP

extension PresenceEntry {
    func write(to writer: inout JSONWriter) {
        writer.member("key", self.member.key)
        if let info = self.member.info { writer.member("info", info) }
        writer.member("since", self.since)
        if self.infoSince != self.since { writer.member("info-since", self.infoSince) }
        if self.connections != 1 { writer.member("connections", self.connections) }
    }

    init(_ fields: PresenceFields) throws(PresenceMessageError) {
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
    func write(to writer: inout JSONWriter) {
        switch self {
        case .set(let entry): entry.write(to: &writer)
        case .removed(let key, let reason):
            writer.member("key", key)
            writer.member("left", reason.description)
        }
    }

    init(_ fields: PresenceFields) throws(PresenceMessageError) {
        guard let text = try fields.optionalString("left") else {
            self = .set(try PresenceEntry(fields))
            return
        }
        guard let reason = GRIPDepartureReason(text) else { throw PresenceFields.malformed("left") }
        self = .removed(try fields.string("key"), reason)
    }
}
