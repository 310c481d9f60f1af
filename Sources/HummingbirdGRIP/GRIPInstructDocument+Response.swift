public import GRIP
import GRIPAdapter
import HTTPTypes
public import Hummingbird
import NIOCore

/// A document is a response of its own: JSON for a proxy, and the response inside it for any other client.
extension GRIPInstructDocument: ResponseGenerator {
    /// Makes the response, with the prefix before the names of the document's channels.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    /// - Throws: `GRIPConfigurationError` where no ``GRIPMiddleware`` stands before the route; `GRIPRefusal` when a
    ///   proxy is required and there is none.
    /// - Returns: The response.
    public func response(from request: Request, context: some RequestContext) throws -> Hummingbird.Response {
        let (origin, state) = try installedOrigin(context)
        guard try origin.delegates(to: state) else {
            return Hummingbird.Response(
                status: self.response.status ?? .ok,
                headers: self.response.fields,
                body: .init(byteBuffer: self.response.body.bytes)
            )
        }
        origin.checkChannels(of: self.instruction, for: state)
        return Hummingbird.Response(
            status: .ok,
            headers: [.contentType: Self.contentType],
            body: .init(byteBuffer: self.prefixed(by: origin.configuration.prefix).json)
        )
    }
}
