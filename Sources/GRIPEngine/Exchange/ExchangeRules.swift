/// What all exchanges with clients have in common.
package struct ExchangeRules: Sendable {
    package var policy = HeaderPolicy()
    /// Whether error bodies tell clients what went wrong.
    package var isDebugging = false
    /// Whether CORS headers are added on each route.
    package var allowsCrossOrigin = false
    /// How much of a request's body is remembered to send it again, in bytes.
    package var rememberedBody = 100_000
    /// How long a body with instructions may be, in bytes.
    package var instructedBody = 100_000
    /// Channels of one connection.
    package var subscriptions = 20

    package init() {}
}
