package import GRIP

/// What an origin said about a hold besides its channels.
package struct HoldTerms: Sendable, Hashable {
    package var meta: [String: String] = [:]
    package var keepAlive: GRIPKeepAlive?
    package var nextLink: NextLink?

    /// A next link that was found usable.
    package struct NextLink: Sendable, Hashable {
        package let target: LinkTarget
        /// What relative links of the page it leads to are resolved against.
        package let uri: URIReference
        package let timeout: Duration

        package init(target: LinkTarget, uri: URIReference, timeout: Duration) {
            self.target = target
            self.uri = uri
            self.timeout = timeout
        }

        /// How long a stream may stay without items before the link is followed, when the origin does not say.
        package static let defaultTimeout: Duration = .seconds(120)
    }

    package init() {}
}
