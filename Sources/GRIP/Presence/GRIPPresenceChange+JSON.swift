public import NIOCore

extension GRIPPresenceSnapshot {
    /// The snapshot as the control API answers it, in one line:
    /// `{"channel":"room","complete":true,"members":[{"key":"alice","info":"…","since":1764561600000,"connections":2}]}`.
    ///
    /// `since` is in milliseconds since 1970. `info` is text, and is left out where there is none.
    public var json: ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("channel", self.channel)
            writer.member("complete", self.isComplete)
            writer.key("members")
            writer.array { writer in
                for member in self.members { writer.object { member.writeMembers(to: &$0) } }
            }
        }
        return writer.buffer
    }
}

extension GRIPPresenceChange {
    /// The change as the data of an event, in one line.
    ///
    /// A snapshot is what ``GRIPPresenceSnapshot/json`` gives. A change is the member, in the same form as in a snapshot;
    /// where the member has left, with `reason`: `{"key":"alice","since":1764561600000,"connections":1,"reason":"closed"}`.
    /// Which change it is tells ``name``.
    public var json: ByteBuffer {
        switch self {
        case .snapshot(let snapshot): return snapshot.json
        case .joined(let member), .updated(let member): return member.json(reason: nil)
        case .left(let member, let reason): return member.json(reason: reason)
        }
    }
}

extension GRIPPresenceMember {
    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("key", self.key)
        if let info = self.info { writer.member("info", info) }
        writer.member("since", self.sinceMilliseconds)
        writer.member("connections", self.connections)
    }

    fileprivate func json(reason: GRIPDepartureReason?) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            self.writeMembers(to: &writer)
            if let reason { writer.member("reason", reason.description) }
        }
        return writer.buffer
    }
}
