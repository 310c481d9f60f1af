import GRIP
package import HTTPTypes

extension HTTPField.Name {
    static let keepAlive = Self.known("Keep-Alive")
    static let host = Self.known("Host")
    static let proxyConnection = Self.known("Proxy-Connection")
    static let cdnLoop = Self.known("CDN-Loop")
    static let xForwardedFor = Self.known("X-Forwarded-For")
    static let xForwardedProto = Self.known("X-Forwarded-Proto")
    static let xForwardedProtocol = Self.known("X-Forwarded-Protocol")
    static let prefer = Self.known("Prefer")
    static let preferenceApplied = Self.known("Preference-Applied")
    package static let pushpinRoute = Self.known("Pushpin-Route")
}
