public import NIOCore

extension WebSocketControlMessage {
    /// Reads a message as a proxy does.
    ///
    /// Fields that the type does not have are ignored, and an unknown keep-alive mode is idle.
    ///
    /// - Parameter json: What follows `c:`.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/filter`` when a subscription has more than five filters and with
    ///   ``GRIPError/Code/member`` when its member is none, for which a proxy closes the connection with 1011, and with
    ///   another code when the text is no message at all, which a proxy
    ///   ignores.
    public init(parsing json: ByteBuffer) throws(GRIPError) {
        guard let object = try JSONValue(parsing: json).object else {
            throw GRIPError(.webSocketMessage, "a control message is a JSON object")
        }
        let fields = Fields(object: object)
        switch try fields.requiredString("type") {
        case "subscribe": self = .subscribe(try fields.subscription())
        case "unsubscribe": self = .unsubscribe(try fields.channel())
        case "detach": self = .detach
        case "session": self = .session(id: try fields.string("id"))
        case "set-meta": self = .setMeta(try Meta(try fields.requiredString("name"), try fields.string("value")))
        case "keep-alive": self = .keepAlive(try fields.keepAlive())
        case "send-delayed": self = .sendDelayed(try fields.delayedMessage())
        case "flush-delayed": self = .flushDelayed
        default: throw GRIPError(.webSocketMessage, "the type of a control message is not known")
        }
    }

    /// The members of a control message, read with the types that they must have.
    private struct Fields {
        let object: JSONObject

        func string(_ name: String) throws(GRIPError) -> String? {
            guard let value = self.object[name] else { return nil }
            guard let string = value.string else { throw Self.malformed(name, "text") }
            return string
        }

        func requiredString(_ name: String) throws(GRIPError) -> String {
            guard let string = try self.string(name), !string.isEmpty else {
                throw Self.malformed(name, "text, and not empty")
            }
            return string
        }

        func channel() throws(GRIPError) -> GRIPChannel {
            let name = try self.requiredString("channel")
            guard !name.containsLineEnds else { throw Self.malformed("channel", "a text without line ends") }
            return GRIPChannel(unchecked: name)
        }

        func subscription() throws(GRIPError) -> GRIPChannel {
            let channel = try self.channel()
            var filters: [GRIPFilter] = []
            if let value = self.object["filters"] {
                guard let elements = value.array else { throw Self.malformed("filters", "an array of texts") }
                for element in elements {
                    guard let filter = element.string else { throw Self.malformed("filters", "an array of texts") }
                    filters.append(GRIPFilter(unchecked: filter))
                }
            }
            guard filters.count <= GRIPChannel.maximumFilters else {
                throw GRIPError(
                    .filter,
                    "a channel has at most \(GRIPChannel.maximumFilters) filters, not \(filters.count)"
                )
            }
            let member = try GRIPMember.parse(self.object["member"])
            return GRIPChannel(unchecked: channel.name, filters: filters, member: member)
        }

        func keepAlive() throws(GRIPError) -> WebSocketKeepAlive? {
            let mode = WebSocketKeepAlive.Mode(rawValue: try self.string("mode") ?? "") ?? .idle
            let timeout = try self.timeout() ?? WebSocketKeepAlive.defaultTimeout
            guard let message = try self.message() else { return nil }
            return try WebSocketKeepAlive(message, timeout: timeout, mode: mode)
        }

        func delayedMessage() throws(GRIPError) -> WebSocketDelayedMessage {
            let timeout = try self.timeout() ?? WebSocketDelayedMessage.defaultTimeout
            guard let message = try self.message() else {
                throw GRIPError(.webSocketMessage, "'content' or 'content-bin' of a delayed message is missing")
            }
            return try WebSocketDelayedMessage(message, timeout: timeout)
        }

        /// The time, or nothing where none or 0 is given.
        private func timeout() throws(GRIPError) -> Duration? {
            guard let value = self.object["timeout"] else { return nil }
            guard let seconds = value.convertedToInteger, (0...Int(Int32.max)).contains(seconds) else {
                throw Self.malformed("timeout", "a number of seconds of at most 31 bits")
            }
            return seconds > 0 ? .seconds(seconds) : nil
        }

        private func message() throws(GRIPError) -> WebSocketTimedMessage? {
            let type = try self.string("message-type") ?? "text"
            guard let content = try self.content() else { return nil }
            switch type {
            case "text":
                switch content {
                case .text(let text): return .text(text)
                case .binary(let bytes):
                    guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
                        throw Self.malformed("content-bin", "UTF-8 in a message of type text")
                    }
                    return .text(text)
                }
            case "binary": return .binary(content.bytes)
            case "ping": return .ping(content.bytes)
            case "pong": return .pong(content.bytes)
            default: throw Self.malformed("message-type", "text, binary, ping or pong")
            }
        }

        private func content() throws(GRIPError) -> GRIPContent? {
            guard let base64 = try self.string("content-bin") else {
                return try self.string("content").map { .text($0) }
            }
            guard let bytes = Base64.decode(base64.utf8) else { throw Self.malformed("content-bin", "Base64") }
            return .binary(ByteBuffer(bytes: bytes))
        }

        private static func malformed(_ name: String, _ expected: String) -> GRIPError {
            GRIPError(.webSocketMessage, "'\(name)' of a control message must be \(expected)")
        }
    }
}
