import GRIP
package import HTTPTypes
package import NIOCore

/// The request that a JSON-P request stands for.
///
/// A page that can only load scripts writes method, headers and body into the query of a `GET`. They are taken out of
/// it, and the response is wrapped by ``wrapper``.
package struct JSONPRequest: Sendable, Hashable {
    package var method: HTTPRequest.Method
    /// The path with what is left of its query.
    package var path: String
    /// The fields, with the length of the body.
    package var fields: HTTPFields
    package var body: ByteBuffer
    /// What is to be done to the response.
    package var wrapper: JSONPWrapper

    /// Reads a request of a route that allows cross-origin requests; nothing where it is no JSON-P request.
    ///
    /// - Parameters:
    ///   - method: The method; only `GET` stands for others.
    ///   - path: The path with its query.
    ///   - fields: The client's fields.
    ///   - options: The route's options, or nothing for the defaults.
    /// - Throws: ``JSONPError`` when a parameter cannot be used.
    package init?(
        method: HTTPRequest.Method,
        path: String,
        fields: HTTPFields,
        options: Route.JSONP?
    ) throws(JSONPError) {
        guard method == .get, let start = path.utf8.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let options = options ?? Route.JSONP()
        var query = JSONPQuery(path[path.utf8.index(after: start)...], options: options)
        guard let callback = try query.callback() else { return nil }
        self.wrapper = JSONPWrapper(callback: callback, mode: options.mode)
        self.method = try query.method() ?? options.defaultMethod ?? (options.mode == .basic ? .post : .get)
        let additional = try query.fields()
        let (body, isJSON) = try query.body()
        self.body = ByteBuffer(string: body)
        self.path = path[..<start] + (query.rest.isEmpty ? "" : "?" + query.rest)
        self.fields = JSONPFields.merge(additional, into: fields, isJSON: isJSON)
        if self.body.readableBytes > 0 || (self.method != .get && self.method != .head) {
            self.fields[.contentLength] = String(self.body.readableBytes)
        }
    }
}
