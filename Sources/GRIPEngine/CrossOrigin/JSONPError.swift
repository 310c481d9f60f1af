import HTTPTypes

/// A parameter of a JSON-P request that cannot be used.
package struct JSONPError: Error, Sendable, Hashable {
    /// What the parameter is for, in Pushpin's words: `callback`, `_method`, `_headers`, `_body` or `body`.
    package let parameter: String

    /// What the client gets, which is not wrapped; the headers of ``CrossOriginFields`` are still to be added.
    package var response: EngineResponse { .text(.badRequest, "Invalid \(self.parameter) parameter.\n") }
}
