public import HTTPTypes

/// What an item is for the clients of one transport: `http-response`, `http-stream` or `ws-message`.
///
/// An item carries at most one format of each transport; each held client takes its own.
///
/// ```swift
/// try await grip.publish(.httpStream("hello\n"), to: "test")
/// ```
public struct GRIPFormat: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case httpResponse(GRIPHTTPResponse)
        case httpStream(GRIPHTTPStream)
        case webSocketMessage(GRIPWebSocketMessage)
    }

    package let kind: Kind

    package init(_ kind: Kind) { self.kind = kind }

    /// The name of the format on the wire.
    public var name: String {
        switch self.kind {
        case .httpResponse: GRIPHTTPResponse.name
        case .httpStream: GRIPHTTPStream.name
        case .webSocketMessage: GRIPWebSocketMessage.name
        }
    }

    // MARK: http-response

    /// Ends response holds with a response.
    ///
    /// - Parameters:
    ///   - body: The body of the response; may be empty.
    ///   - status: The status.
    ///   - headers: Header fields, which replace those of the same names in the held response; the held response's
    ///     other fields stay.
    ///   - contentFilters: The content filters that a subscription must have for the item to reach it; nothing means
    ///     that they do not matter.
    /// - Returns: The format.
    public static func httpResponse(
        _ body: GRIPContent,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:],
        contentFilters: [GRIPFilter]? = nil
    ) -> GRIPFormat {
        GRIPFormat(
            .httpResponse(
                GRIPHTTPResponse(
                    action: .send(.init(status: status, headers: headers, body: .content(body))),
                    contentFilters: contentFilters
                )
            )
        )
    }

    /// Ends response holds with a response of text.
    ///
    /// - Parameters:
    ///   - text: The body of the response; may be empty.
    ///   - status: The status.
    ///   - headers: Header fields, which replace those of the same names in the held response.
    /// - Returns: The format.
    public static func httpResponse(
        _ text: String,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> GRIPFormat {
        .httpResponse(.text(text), status: status, headers: headers)
    }

    /// Ends response holds with the held body, changed.
    ///
    /// - Parameters:
    ///   - patch: How to change the held body, which must be JSON.
    ///   - status: The status.
    ///   - headers: Header fields, which replace those of the same names in the held response.
    /// - Returns: The format.
    public static func httpResponse(
        patching patch: GRIPJSONPatch,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> GRIPFormat {
        GRIPFormat(
            .httpResponse(
                GRIPHTTPResponse(action: .send(.init(status: status, headers: headers, body: .patch(patch))))
            )
        )
    }

    /// Makes the proxy repeat the requests of response holds: something changed, ask again.
    public static let httpResponseHint = GRIPFormat(.httpResponse(GRIPHTTPResponse(action: .hint)))

    // MARK: http-stream

    /// Appends to stream holds.
    ///
    /// - Parameters:
    ///   - content: What to append, as it is; no newline is added.
    ///   - contentFilters: The content filters that a subscription must have for the item to reach it; nothing means
    ///     that they do not matter.
    /// - Returns: The format.
    public static func httpStream(_ content: GRIPContent, contentFilters: [GRIPFilter]? = nil) -> GRIPFormat {
        GRIPFormat(.httpStream(GRIPHTTPStream(action: .send(content), contentFilters: contentFilters)))
    }

    /// Appends text to stream holds.
    ///
    /// - Parameter text: What to append, as it is; no newline is added.
    /// - Returns: The format.
    public static func httpStream(_ text: String) -> GRIPFormat { .httpStream(.text(text)) }

    /// Ends stream holds.
    public static let httpStreamClose = GRIPFormat(.httpStream(GRIPHTTPStream(action: .close)))

    /// Makes the proxy fetch the next link of stream holds at once: something changed, ask again.
    public static let httpStreamHint = GRIPFormat(.httpStream(GRIPHTTPStream(action: .hint)))

    // MARK: ws-message

    /// Sends a message to WebSockets: text as a text message, bytes as a binary one.
    ///
    /// - Parameters:
    ///   - content: The message; may be empty.
    ///   - contentFilters: The content filters that a subscription must have for the item to reach it; nothing means
    ///     that they do not matter.
    /// - Returns: The format.
    public static func webSocketMessage(_ content: GRIPContent, contentFilters: [GRIPFilter]? = nil) -> GRIPFormat {
        let type: GRIPWebSocketMessage.MessageType = if case .text = content { .text } else { .binary }
        return GRIPFormat(
            .webSocketMessage(
                GRIPWebSocketMessage(action: .send(type, content), contentFilters: contentFilters)
            )
        )
    }

    /// Sends a text message to WebSockets.
    ///
    /// - Parameter text: The message; may be empty.
    /// - Returns: The format.
    public static func webSocketMessage(_ text: String) -> GRIPFormat { .webSocketMessage(.text(text)) }

    /// Pings WebSockets.
    ///
    /// - Parameter payload: The ping's payload, at most 125 bytes; proxies before Pushpin 1.41 drop a ping without one.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` when the payload is longer.
    /// - Returns: The format.
    public static func webSocketPing(_ payload: GRIPContent = "") throws(GRIPError) -> GRIPFormat {
        try .controlFrame(.ping, payload)
    }

    /// Sends an unasked pong to WebSockets.
    ///
    /// - Parameter payload: The pong's payload, at most 125 bytes.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/webSocketMessage`` when the payload is longer.
    /// - Returns: The format.
    public static func webSocketPong(_ payload: GRIPContent = "") throws(GRIPError) -> GRIPFormat {
        try .controlFrame(.pong, payload)
    }

    private static func controlFrame(
        _ type: GRIPWebSocketMessage.MessageType,
        _ payload: GRIPContent
    ) throws(GRIPError) -> GRIPFormat {
        guard payload.byteCount <= 125 else {
            throw GRIPError(.webSocketMessage, "a \(type.rawValue) has at most 125 bytes, not \(payload.byteCount)")
        }
        return GRIPFormat(.webSocketMessage(GRIPWebSocketMessage(action: .send(type, payload))))
    }

    /// Closes WebSockets.
    ///
    /// - Parameter close: The code and reason that clients see; without one they see 1000.
    /// - Returns: The format.
    public static func webSocketClose(_ close: WebSocketClose? = nil) -> GRIPFormat {
        GRIPFormat(
            .webSocketMessage(
                GRIPWebSocketMessage(action: .close(code: close?.code.rawValue, reason: close?.reason ?? ""))
            )
        )
    }

    /// Makes proxies send a request for each WebSocket-over-HTTP connection at once, even without events.
    public static let webSocketRefresh = GRIPFormat(.webSocketMessage(GRIPWebSocketMessage(action: .refresh)))
}
