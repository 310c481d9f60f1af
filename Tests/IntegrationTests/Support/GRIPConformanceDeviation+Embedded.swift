import GRIPTesting

extension GRIPConformanceDeviation {
    /// What is otherwise where the application is in the process of the proxy.
    static let embedded: [GRIPConformanceDeviation] =
        gripProxy + Self.routed + Self.native
        + Self.reasons.map { .init($0, "The test's application lets NIO name the statuses that NIO knows.") }

    private static let routed =
        [
            "next.replaced-path", "route.prefix.response", "route.prefix.stream", "route.prefix.websocket",
            "route.replaced-path",
        ]
        .map { GRIPConformanceDeviation($0, "There is one application, and no route to it.") }

    private static let native =
        [
            "client-gone", "close", "closed", "fragments", "grip.close", "grip.control-fragments",
            "grip.control-from-client", "grip.prefix", "grip.subscribe", "handshake", "large", "passing", "ping",
            "ping.payload", "rejected.headers",
        ]
        .map { GRIPConformanceDeviation("native.\($0)", "The application gets WebSockets as requests only.") }

    private static let reasons =
        [201, 202, 204, 301, 302, 304, 400, 401, 403, 404, 409, 418, 500, 503].map { "http.status.\($0)" }
        + [302, 400, 401, 403, 404, 500].map { "websocket.reject.\($0)" }
}
