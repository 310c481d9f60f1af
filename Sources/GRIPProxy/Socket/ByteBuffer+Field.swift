import HTTPTypes
import NIOCore

extension ByteBuffer {
    /// Writes a line with a field as HTTP/1 has it.
    ///
    /// Values are bytes that mean nothing to a proxy (RFC 9110 section 5.5): those that are not UTF-8 stay as they are.
    mutating func writeField(_ field: HTTPField) {
        self.writeString(field.name.rawName)
        self.writeStaticString(": ")
        field.withUnsafeBytesOfValue { _ = self.writeBytes(UnsafeRawBufferPointer($0)) }
        self.writeStaticString("\r\n")
    }
}
