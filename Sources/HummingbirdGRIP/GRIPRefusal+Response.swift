public import GRIPAdapter
import HTTPTypes
public import Hummingbird
import NIOCore

extension GRIPRefusal: HTTPResponseError {
    /// The refusal as a response of plain text.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    /// - Returns: The response.
    public func response(from request: Request, context: some RequestContext) -> Response {
        Response(
            status: self.status,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: self.body))
        )
    }
}
