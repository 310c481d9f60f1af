import GRIP
import HTTPTypes
import NIOCore

/// The bytes of a text whose scalars are the bytes, so that vectors can be written as they are on the wire.
func wire(_ latin1: String) -> ByteBuffer {
    ByteBuffer(bytes: latin1.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
}

extension HTTPFields {
    static func fields(_ pairs: KeyValuePairs<String, String>) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }

    func value(_ name: String) -> String? { HTTPField.Name(name).flatMap { self[$0] } }
}

extension WebSocketSession {
    /// A session whose batch is written as on the wire.
    init(
        _ body: String,
        fields: HTTPFields = [:],
        prefix: GRIPPrefix = .none,
        messagePrefix: WebSocketMessagePrefix = .standard
    ) throws {
        try self.init(
            connectionID: "c1",
            requestFields: fields,
            events: WebSocketEvent.decode(wire(body)),
            prefix: prefix,
            messagePrefix: messagePrefix
        )
    }
}

extension WebSocketSession.Response {
    /// The body as on the wire, a scalar per byte.
    var wireBody: String {
        var text = ""
        for byte in self.body.readableBytesView { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }
}
