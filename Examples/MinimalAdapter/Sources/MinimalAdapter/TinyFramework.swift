public import GRIPAdapter
public import HTTPTypes
public import NIOCore

/// A request of the smallest web framework there is.
public struct TinyRequest: Sendable {
    /// Method, path and fields.
    public var head: HTTPRequest
    /// The whole body.
    public var body: ByteBuffer
    /// What is known about the way the request has come, for handlers.
    public var grip = GRIPRequestState()

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - head: Method, path and fields.
    ///   - body: The whole body.
    public init(_ head: HTTPRequest, body: ByteBuffer = ByteBuffer()) {
        self.head = head
        self.body = body
    }
}

/// A response of the smallest web framework there is.
public struct TinyResponse: Sendable {
    /// Status and fields.
    public var head: HTTPResponse
    /// The whole body.
    public var body: ByteBuffer

    /// Makes a response.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - fields: The fields.
    ///   - body: The whole body.
    public init(_ status: HTTPResponse.Status = .ok, fields: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.head = HTTPResponse(status: status, headerFields: fields)
        self.body = body
    }
}

/// What handles a request.
public typealias TinyHandler = @Sendable (TinyRequest) async throws -> TinyResponse
