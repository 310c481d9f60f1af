import GRIP
package import HTTPTypes
package import NIOCore

/// A request to the control API.
package struct ControlRequest: Sendable, Hashable {
    /// What comes before the body.
    package struct Head: Sendable, Hashable {
        package var method: HTTPRequest.Method
        /// The request target as the client wrote it.
        package var target: String
        package var fields: HTTPFields
        /// Whether the client speaks a version before HTTP/1.1.
        package var isHTTP10: Bool

        package init(method: HTTPRequest.Method, target: String, fields: HTTPFields = [:], isHTTP10: Bool = false) {
            self.method = method
            self.target = target
            self.fields = fields
            self.isHTTP10 = isHTTP10
        }
    }

    package var head: Head
    package var body: ByteBuffer

    package init(_ head: Head, body: ByteBuffer = ByteBuffer()) {
        self.head = head
        self.body = body
    }
}

extension ControlRequest.Head {
    /// Whether another request may follow on the connection.
    package var keepsConnection: Bool {
        !self.isHTTP10 && !self.elements(of: .connection).contains { $0.equalsIgnoringASCIICase("close") }
    }

    /// Whether the client waits for leave to send the body.
    package var expectsContinue: Bool {
        !self.isHTTP10 && self.elements(of: .expect).contains { $0.equalsIgnoringASCIICase("100-continue") }
    }

    /// The elements of a field that is a list, without what is around them.
    func elements(of name: HTTPField.Name) -> [Substring] { FieldParameters.elements(of: self.fields[values: name]) }
}
