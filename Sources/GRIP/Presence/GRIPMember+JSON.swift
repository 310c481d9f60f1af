extension GRIPMember {
    /// Reads the member of a channel object or of a control message: `{"key":"alice","info":"…"}`.
    ///
    /// - Parameter value: The value under `member`, or `nil` where there is none.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/member`` when it is no member.
    /// - Returns: The member, or `nil` where no value is given.
    static func parse(_ value: JSONValue?) throws(GRIPError) -> GRIPMember? {
        guard let value else { return nil }
        guard let object = value.object else { throw GRIPError(.member, "'member' of a channel must be an object") }
        let reader = JSONObjectReader(object: object, subject: "member object", code: .member)
        guard let key = try reader.string("key") else { throw reader.missing("'key'") }
        return try GRIPMember(key, info: try reader.string("info"))
    }

    /// Writes the member under the name `member`.
    func write(to writer: inout JSONWriter) {
        writer.key("member")
        writer.object { writer in
            writer.member("key", self.key)
            if let info = self.info { writer.member("info", info) }
        }
    }
}
