public import HTTPTypes

/// The format `http-response`: what an item does to response holds.
public struct GRIPHTTPResponse: Sendable, Hashable {
    static let name = "http-response"

    /// What the format does.
    public enum Action: Sendable, Hashable {
        /// Ends the hold with a response.
        case send(Response)
        /// Makes the proxy repeat the held request.
        case hint
        /// Does nothing to a response hold.
        case close
        /// Does nothing to a response hold.
        case refresh
    }

    /// A response that ends a hold.
    public struct Response: Sendable, Hashable {
        /// The status.
        public var status: HTTPResponse.Status
        /// Header fields, in order, which replace those of the same names in the held response.
        public var headers: HTTPFields
        /// The body.
        public var body: Body

        /// Makes a response.
        ///
        /// - Parameters:
        ///   - status: The status.
        ///   - headers: Header fields, in order.
        ///   - body: The body.
        public init(status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], body: Body) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// The body of a response that ends a hold.
    public enum Body: Sendable, Hashable {
        /// A body of its own.
        case content(GRIPContent)
        /// The held body, changed.
        case patch(GRIPJSONPatch)
    }

    /// What the format does.
    public let action: Action
    /// The content filters a subscription must have, or nothing where they do not matter.
    public let contentFilters: [GRIPFilter]?

    package init(action: Action, contentFilters: [GRIPFilter]? = nil) {
        self.action = action
        self.contentFilters = contentFilters
    }

    func write(to writer: inout JSONWriter) {
        switch self.action {
        case .send(let response):
            writer.member("code", response.status.code)
            if !response.status.reasonPhrase.isEmpty { writer.member("reason", response.status.reasonPhrase) }
            if !response.headers.isEmpty {
                writer.key("headers")
                writer.fields(response.headers)
            }
            // There is always a body: proxies refuse a response that says nothing about its body.
            switch response.body {
            case .content(let content): writer.content(content, text: "body", binary: "body-bin")
            case .patch(let patch):
                writer.key("body-patch")
                writer.array { writer in for operation in patch.operations { writer.value(operation) } }
            }
        case .hint: writer.member("action", "hint")
        case .close: writer.member("action", "close")
        case .refresh: writer.member("action", "refresh")
        }
    }

    init(_ object: JSONObject) throws(GRIPError) {
        let reader = JSONObjectReader(object: object, subject: "'http-response'", code: .format)
        switch try GRIPFormat.action(reader) {
        case .hint: self.init(action: .hint)
        case .close: self.init(action: .close)
        case .refresh: self.init(action: .refresh)
        case .send:
            let status = try reader.status(withoutCode: 200) ?? .ok
            let headers = try reader.fields("headers")
            let body: Body
            if let content = try reader.content(text: "body", binary: "body-bin") {
                body = .content(content)
            } else if let operations = try reader.array("body-patch") {
                body = .patch(GRIPJSONPatch(unchecked: operations))
            } else {
                throw reader.missing("'body', 'body-bin', or 'body-patch'")
            }
            self.init(
                action: .send(Response(status: status, headers: headers, body: body)),
                contentFilters: try GRIPFormat.contentFilters(reader)
            )
        }
    }
}
