import HTTPTypes

// Each name below is a constant that is a header token, so its check cannot fail.
extension HTTPField.Name {
    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is a header name") }
        return name
    }

    static let keepAlive = Self.known("Keep-Alive")
    static let cdnLoop = Self.known("CDN-Loop")
    static let xForwardedFor = Self.known("X-Forwarded-For")
    static let xForwardedProto = Self.known("X-Forwarded-Proto")
    static let xForwardedProtocol = Self.known("X-Forwarded-Protocol")
    static let pushpinRoute = Self.known("Pushpin-Route")

    /// Whether the header belongs to GRIP (`Grip-*`).
    var isGRIP: Bool { self.canonicalName.hasPrefix("grip-") }
}
