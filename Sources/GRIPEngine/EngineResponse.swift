package import HTTPTypes
package import NIOCore

/// A whole response that the engine makes itself or changes.
package struct EngineResponse: Sendable, Hashable {
    package var status: HTTPResponse.Status
    package var fields: HTTPFields
    package var body: ByteBuffer

    package init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// A response of plain text, which has its length.
    package static func text(_ status: HTTPResponse.Status, _ text: String) -> EngineResponse {
        let body = ByteBuffer(string: text)
        let fields: HTTPFields = [.contentType: "text/plain", .contentLength: String(body.readableBytes)]
        return EngineResponse(status: status, fields: fields, body: body)
    }
}
