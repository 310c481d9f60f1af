/// What the origin does about a request.
struct OriginAnswer: Sendable {
    let serve: @Sendable (OriginExchange) async throws -> Void

    /// Does anything with the connection; the request's body is there to be read.
    static func serving(_ serve: @escaping @Sendable (OriginExchange) async throws -> Void) -> OriginAnswer {
        OriginAnswer(serve: serve)
    }

    /// Sends a response once the request is there.
    static func response(_ response: OriginResponse) -> OriginAnswer { .computed { _ in response } }

    /// Sends a response that depends on the request.
    static func computed(_ response: @escaping @Sendable (OriginRequest) throws -> OriginResponse) -> OriginAnswer {
        OriginAnswer { exchange in
            try await exchange.readBody()
            try await exchange.send(response(exchange.request))
        }
    }

    /// Sends bytes that need not be a response.
    ///
    /// - Parameters:
    ///   - text: The bytes.
    ///   - closes: Whether the connection is closed then. After a whole response that does not say so it must not be: the
    ///     proxy keeps the connection, and the request of another scenario could meet its end.
    static func verbatim(_ text: String, closes: Bool = true) -> OriginAnswer {
        OriginAnswer { exchange in
            try await exchange.readBody()
            try await exchange.send(text)
            exchange.isLast = closes
        }
    }

    /// Closes the connection without a word.
    static let hangUp = OriginAnswer { exchange in
        try await exchange.readBody()
        exchange.isLast = true
    }
}
