package import HTTPTypes

extension HTTPResponse {
    /// The response and the length of its body as they may be sent (RFC 9110 section 8.6).
    ///
    /// - Parameter length: How long the body would be that there is.
    package func framed(_ length: BodyLength) -> (head: HTTPResponse, length: BodyLength) {
        guard !self.status.allowsBody else { return (self, length) }
        // What was not modified may say how long it is; others have nothing that could be long.
        guard self.status != .notModified, self.headerFields.contains(.contentLength) else { return (self, .none) }
        var head = self
        head.headerFields[.contentLength] = nil
        return (head, .none)
    }
}
