package import GRIP
package import HTTPTypes
package import NIOCore

/// An answer of the control API.
package struct ControlResponse: Sendable, Hashable {
    package var head: HTTPResponse
    package var body: ByteBuffer
    /// Whether no other request may follow, because the end of this one is not known or of no interest.
    package var closesConnection = false
    /// What the request was refused for, where that is counted.
    package var refusal: Refusal?

    /// What keeps a request out of the API.
    package enum Refusal: String, Sendable, Hashable, CaseIterable {
        case connections
        case head
        case body
        case token
        case page
        case stranger
        case timeout
        case rate
        case idle
        case streams
    }

    package init(_ status: HTTPResponse.Status, type: String = "text/plain", _ body: ByteBuffer) {
        self.head = HTTPResponse(status: status, headerFields: [.contentType: type])
        self.body = body
    }

    /// An answer in plain text.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - text: The body without the newline at its end.
    package init(_ status: HTTPResponse.Status, _ text: String) {
        self.init(status, ByteBuffer(string: text + "\n"))
    }

    /// An answer in JSON.
    init(json write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.object(write)
        var body = writer.buffer
        body.writeStaticString("\n")
        self.init(.ok, type: "application/json", body)
    }

    /// Tells that something was done, in the form that the client asked for.
    static func done(_ message: String, _ format: ControlFormat) -> ControlResponse {
        switch format {
        case .text: ControlResponse(.ok, message)
        case .json: ControlResponse { $0.member("message", message) }
        }
    }

    /// Tells that items are taken.
    ///
    /// - Parameters:
    ///   - format: The form that the client asked for.
    ///   - busRefusal: Why other instances do not get all of them, or `nil` when they do.
    package static func published(
        _ format: ControlFormat,
        busRefusal: GRIPBusAcceptance.Refusal? = nil
    ) -> ControlResponse {
        ControlResponse.done("Published", format).noting(busRefusal)
    }

    /// The same answer with why other instances do not get all items.
    func noting(_ busRefusal: GRIPBusAcceptance.Refusal?) -> ControlResponse {
        guard let busRefusal else { return self }
        var response = self
        response.head.headerFields[.gripBusRefused] = busRefusal.description
        return response
    }

    /// The same answer, after which the connection ends.
    package var closing: ControlResponse {
        var response = self
        response.closesConnection = true
        return response
    }

    private func counted(as refusal: Refusal) -> ControlResponse {
        var response = self
        response.refusal = refusal
        return response
    }
}

// MARK: Errors

extension ControlResponse {
    package static let headTooLarge = ControlResponse(.badRequest, "Request header too large.").closing.counted(
        as: .head
    )
    package static let badHead = ControlResponse(.badRequest, "Failed to parse request header.").closing
    package static let badLength = ControlResponse(.badRequest, "Bad Content-Length.").closing
    package static let lengthRequired = ControlResponse(.lengthRequired, "Request requires Content-Length.").closing
    package static let bodyTooLarge = ControlResponse(.badRequest, "Request body too large.").closing.counted(as: .body)
    package static let notFound = ControlResponse(.notFound, "Not Found")
    package static let tooManyStreams = ControlResponse(
        .serviceUnavailable,
        "Half of the connections to the control API are event streams already; raise limits.controlConnections."
    )
    package static let unavailable = ControlResponse(.serviceUnavailable, "The proxy is shutting down.").closing

    /// The answer to what is not HTTP as far as it is understood.
    package init(_ problem: HTTP1Problem) {
        switch problem {
        case .tooLong, .tooManyFields: self = .headTooLarge
        case .contentLength, .contradictoryLength: self = .badLength
        case .lengthTooLarge: self = .bodyTooLarge
        case .unknownCoding: self = ControlResponse(problem.reply.head.status, problem.reply.body).closing
        default: self = .badHead
        }
    }

    static let notAcceptable = ControlResponse(
        .notAcceptable,
        "Not Acceptable. Supported formats are text/plain and application/json."
    )
    static let presenceNotAcceptable = ControlResponse(
        .notAcceptable,
        "Not Acceptable. Supported formats are application/json and text/event-stream."
    )
    static let notJSON = ControlResponse(.badRequest, "Body is not valid JSON.")

    /// The answer to a request without the token, or with another one.
    static func unauthorized(hasCredentials: Bool) -> ControlResponse {
        var response = ControlResponse(.unauthorized, "Unauthorized")
        let problem = hasCredentials ? ", error=\"invalid_token\"" : ""
        response.head.headerFields[.wwwAuthenticate] = "Bearer realm=\"GRIP\"\(problem)"
        return response.counted(as: .token)
    }

    /// The answer to a request that a web page may have made.
    static func foreign(_ reason: String) -> ControlResponse {
        ControlResponse(.forbidden, "Forbidden: \(reason).").counted(as: .page)
    }

    /// The answer to a method that the path does not have.
    static func notAllowed(_ method: HTTPRequest.Method, allowed: [HTTPRequest.Method]) -> ControlResponse {
        var response = ControlResponse(.methodNotAllowed, "Method not allowed: \(method.rawValue).")
        let allowed = allowed.map(\.rawValue).joined(separator: ", ")
        response.head.headerFields = [.allow: allowed, .contentType: "text/plain"]
        return response
    }
}
