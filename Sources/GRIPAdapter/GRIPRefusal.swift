public import HTTPTypes

/// A request, or a response to it, that GRIP's rules refuse: the status and the reason to answer with.
public struct GRIPRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The status of the answer.
    public let status: HTTPResponse.Status
    /// What was wrong, for the person who made the request; one line of plain text.
    public let reason: String

    /// Makes a refusal, for rules of an adapter's own.
    ///
    /// - Parameters:
    ///   - status: The status of the answer.
    ///   - reason: What was wrong; one line of plain text that may be shown to anybody.
    public init(_ status: HTTPResponse.Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    /// The body of the answer, of the type `text/plain`.
    public var body: String { self.reason + "\n" }

    /// The status and the reason in one line.
    public var description: String { "\(self.status): \(self.reason)" }

    /// An instruction for somebody who is no proxy, while a proxy is required.
    static let proxyRequired = GRIPRefusal(
        .notImplemented,
        "Not Implemented: this resource needs a GRIP proxy in front"
    )
    /// A WebSocket-over-HTTP request that no proxy of ours has made.
    static let signatureRequired = GRIPRefusal(
        .forbidden,
        "WebSocket events are only accepted with the signature (Grip-Sig) of a proxy that this origin knows"
    )
    /// Anything else on a route for WebSockets.
    static let notWebSocketEvents = GRIPRefusal(
        .badRequest,
        "this route takes WebSocket events from a GRIP proxy (POST, application/websocket-events); "
            + "connect through the proxy, with WebSocket-over-HTTP on"
    )
    static let connectionIDMissing = GRIPRefusal(.badRequest, "the request has WebSocket events but no Connection-Id")
}
