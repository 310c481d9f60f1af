import GRIP
import HTTPTypes
import NIOCore

extension ByteBuffer {
    /// The readable bytes as text.
    var text: String { String(buffer: self) }
}

extension HTTPFields {
    /// Fields of the same name, one for each value.
    static func lines(_ name: HTTPField.Name, _ values: String...) -> HTTPFields {
        var fields = HTTPFields()
        fields[values: name] = values
        return fields
    }
}
