/// Reads the body of a publish as nearly all publishers write it, without a tree of JSON values between.
///
/// It knows items with a channel, ids, and formats that are a text each. Whatever is written in any other way, or wrong,
/// is left to the reader of all of JSON, which also says what is wrong.
struct PlainPublicationReader: ~Copyable {
    private var index = 0

    static func read(_ bytes: Span<UInt8>) -> [GRIPPublication]? {
        var reader = PlainPublicationReader()
        reader.index = ByteOrderMark.length(in: bytes)
        guard reader.skip("{", bytes), reader.skip("\"items\"", bytes), reader.skip(":", bytes),
            let publications = reader.items(bytes), reader.skip("}", bytes)
        else { return nil }
        JSONParser.skipBlanks(bytes, &reader.index)
        return reader.index == bytes.count ? publications : nil
    }

    private mutating func items(_ bytes: Span<UInt8>) -> [GRIPPublication]? {
        guard self.skip("[", bytes) else { return nil }
        var publications: [GRIPPublication] = []
        repeat {
            guard let publication = self.item(bytes) else { return nil }
            publications.append(publication)
        } while self.skip(",", bytes)
        return self.skip("]", bytes) ? publications : nil
    }

    private mutating func item(_ bytes: Span<UInt8>) -> GRIPPublication? {
        var channel: String?
        var id: String?
        var previousID: String?
        var formats: [GRIPFormat]?
        guard self.skip("{", bytes) else { return nil }
        repeat {
            if channel == nil, self.skipName("\"channel\"", bytes) {
                channel = self.line(bytes)
                if channel == nil { return nil }
            } else if formats == nil, self.skipName("\"formats\"", bytes) {
                formats = self.formats(bytes)
                if formats == nil { return nil }
            } else if id == nil, self.skipName("\"id\"", bytes) {
                id = self.line(bytes)
                if id == nil { return nil }
            } else if previousID == nil, self.skipName("\"prev-id\"", bytes) {
                previousID = self.line(bytes)
                if previousID == nil { return nil }
            } else {
                return nil
            }
        } while self.skip(",", bytes)
        guard self.skip("}", bytes), let channel, let formats else { return nil }
        return GRIPPublication(
            GRIPItem(unchecked: formats, id: id, previousID: previousID),
            to: GRIPChannel(unchecked: channel)
        )
    }

    /// Reads formats and puts them in the order in which an item has them.
    private mutating func formats(_ bytes: Span<UInt8>) -> [GRIPFormat]? {
        var response: String?
        var stream: String?
        var message: String?
        guard self.skip("{", bytes) else { return nil }
        repeat {
            if stream == nil, self.skipName("\"http-stream\"", bytes) {
                stream = self.format("\"content\"", bytes)
                if stream == nil { return nil }
            } else if message == nil, self.skipName("\"ws-message\"", bytes) {
                message = self.format("\"content\"", bytes)
                if message == nil { return nil }
            } else if response == nil, self.skipName("\"http-response\"", bytes) {
                response = self.format("\"body\"", bytes)
                if response == nil { return nil }
            } else {
                return nil
            }
        } while self.skip(",", bytes)
        guard self.skip("}", bytes) else { return nil }
        var formats: [GRIPFormat] = []
        formats.reserveCapacity(1)
        if let response {
            let action = GRIPHTTPResponse.Action.send(.init(body: .content(.text(response))))
            formats.append(GRIPFormat(.httpResponse(GRIPHTTPResponse(action: action))))
        }
        if let stream { formats.append(GRIPFormat(.httpStream(GRIPHTTPStream(action: .send(.text(stream)))))) }
        if let message {
            let action = GRIPWebSocketMessage.Action.send(.text, .text(message))
            formats.append(GRIPFormat(.webSocketMessage(GRIPWebSocketMessage(action: action))))
        }
        return formats
    }

    /// Reads an object whose only member is a text of that name.
    private mutating func format(_ name: StaticString, _ bytes: Span<UInt8>) -> String? {
        guard self.skip("{", bytes), self.skipName(name, bytes), let text = self.text(bytes), self.skip("}", bytes)
        else { return nil }
        return text
    }

    /// A text without line ends; what is wrong is told by the reader of all of JSON.
    private mutating func line(_ bytes: Span<UInt8>) -> String? {
        self.text(bytes).flatMap { $0.containsLineEnds ? nil : $0 }
    }

    private mutating func text(_ bytes: Span<UInt8>) -> String? {
        JSONParser.skipBlanks(bytes, &self.index)
        guard self.index < bytes.count, bytes[self.index] == .quote else { return nil }
        // What is wrong is told by the reader of all of JSON.
        do throws(GRIPError) { return try JSONParser.string(bytes, &self.index) } catch { return nil }
    }

    /// Passes the name of a member and the colon behind it.
    private mutating func skipName(_ name: StaticString, _ bytes: Span<UInt8>) -> Bool {
        let start = self.index
        if self.skip(name, bytes), self.skip(":", bytes) { return true }
        self.index = start
        return false
    }

    /// Passes blanks and a text, if it comes next.
    private mutating func skip(_ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
        JSONParser.skipBlanks(bytes, &self.index)
        let start = self.index
        let count = text.utf8CodeUnitCount
        guard bytes.count - start >= count else { return false }
        let isThere = text.withUTF8Buffer { text in
            for offset in 0..<count where bytes[start + offset] != text[offset] { return false }
            return true
        }
        if isThere { self.index = start + count }
        return isThere
    }
}
