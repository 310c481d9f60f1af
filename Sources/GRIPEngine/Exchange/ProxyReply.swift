package import HTTPTypes
package import NIOCore

/// An answer of the proxy itself.
package struct ProxyReply: Sendable, Hashable {
    package var head: HTTPResponse
    package var body: ByteBuffer

    /// An answer in plain text.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - text: The body without the newline at its end.
    package init(_ status: HTTPResponse.Status, _ text: String) {
        self.body = ByteBuffer(string: text + "\n")
        self.head = HTTPResponse(status: status, headerFields: [.contentType: "text/plain"])
    }

    package static let routeNotFound = ProxyReply(.badGateway, "Route not found")
    package static let originFailed = ProxyReply(.badGateway, "Error while proxying to origin.")
    package static let originTimedOut = ProxyReply(.gatewayTimeout, "The origin did not answer in time.")
    package static let originBusy = ProxyReply(.serviceUnavailable, "The origin has too many requests.")
    package static let requestTooLarge = ProxyReply(.badRequest, "Request too large to accept GRIP instruct.")
    package static let eventsNotAllowed = ProxyReply(
        .forbidden,
        "Client not allowed to send WebSocket events directly."
    )

    /// The answer to a failure of the origin.
    ///
    /// - Parameters:
    ///   - reason: What went wrong.
    ///   - isDebugging: Whether the client is told.
    package static func originFailed(_ reason: String, isDebugging: Bool) -> ProxyReply {
        isDebugging ? ProxyReply(.badGateway, reason) : .originFailed
    }
}
