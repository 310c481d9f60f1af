import GRIP
import HTTPTypes
package import NIOCore

extension ClientExchange {
    /// A request as it goes on, when pages of other origins may ask.
    package struct Prepared: Sendable, Hashable {
        package var request: ClientRequest
        /// What is done to the response when a script has asked.
        package var jsonp: JSONPWrapper?
        /// The body that the script wrote into the query.
        package var body: ByteBuffer?
    }

    /// Looks whether a request stands for another one, because a script could not make that.
    ///
    /// - Parameters:
    ///   - request: The client's request.
    ///   - route: Its route.
    ///   - rules: What all exchanges have in common.
    /// - Throws: ``JSONPError`` when a script's parameters cannot be used.
    package static func prepare(
        _ request: ClientRequest,
        route: Route,
        rules: ExchangeRules
    ) throws(JSONPError) -> Prepared {
        guard rules.allowsCrossOrigin || route.allowsCrossOrigin, request.bodyLength == .none,
            let jsonp = try JSONPRequest(
                method: request.method,
                path: request.path,
                fields: request.fields,
                options: route.jsonp
            )
        else { return Prepared(request: request) }
        var request = request
        request.method = jsonp.method
        request.path = jsonp.path
        request.fields = jsonp.fields
        request.bodyLength = jsonp.fields.contains(.contentLength) ? .known(jsonp.body.readableBytes) : .none
        return Prepared(request: request, jsonp: jsonp.wrapper, body: jsonp.body)
    }

    /// The fields that the client gets, with those for pages of other origins.
    func visible(_ fields: HTTPFields) -> HTTPFields {
        guard self.rules.allowsCrossOrigin || self.route.allowsCrossOrigin, self.jsonp == nil else { return fields }
        var fields = fields
        CrossOriginFields.add(to: &fields, answering: self.request.fields)
        return fields
    }

    /// Answers with something of the proxy's own.
    func respond(_ reply: ProxyReply) -> Action {
        if let jsonp {
            let response = jsonp.wrap(status: reply.head.status, fields: reply.head.headerFields, body: reply.body)
            return .respond(ProxyReply(response))
        }
        var reply = reply
        reply.head.headerFields = self.visible(reply.head.headerFields)
        return .respond(reply)
    }
}

extension ProxyReply {
    /// A response that was made elsewhere.
    package init(_ response: EngineResponse) {
        self.init(response.status, "")
        self.body = response.body
        self.head = HTTPResponse(status: response.status, headerFields: response.fields)
        self.head.headerFields[.contentLength] = nil
    }
}
