/// What a server says with `-ERR`.
package struct NATSServerError: Sendable, Hashable {
    /// What it means for the connection.
    package enum Kind: Sendable, Hashable, CaseIterable {
        /// The credentials are refused, or have come to their end. The server ends the connection.
        case authorization
        /// The client was too slow to say who it is.
        case authorizationTimeout
        /// A subject may not be published or subscribed to. The connection stays.
        case permission
        /// The client did not read as fast as messages came. The server ends the connection.
        case slowConsumer
        /// The client did not answer pings. The server ends the connection.
        case stale
        /// The server or the account has as many connections as it may have.
        case tooManyConnections
        /// The account has as many subscriptions as it may have. The connection stays.
        case tooManySubscriptions
        /// A message was larger than the server takes. The server ends the connection.
        case tooLarge
        /// The server wants TLS.
        case tlsRequired
        /// The server ends.
        case shutdown
        /// The server did not understand the client.
        case protocolViolation
        /// The server says no more than that a subject is not one. The connection stays.
        case invalidSubject
        /// Another error; the server may or may not end the connection.
        case other
    }

    package let kind: Kind
    package let text: String

    package init(_ text: String) {
        self.text = text
        self.kind = Self.kind(of: text.lowercased())
    }

    /// Servers have no numbers for errors, and change their wording little.
    private static func kind(of text: String) -> Kind {
        func has(_ words: String) -> Bool { text.contains(words) }
        if has("permissions violation") { return .permission }
        if has("authorization timeout") || has("authentication timeout") { return .authorizationTimeout }
        if has("authorization violation") || has("authentication expired") || has("authentication revoked")
            || has("user authentication") || has("account authentication") || has("invalid jwt")
        {
            return .authorization
        }
        if has("slow consumer") { return .slowConsumer }
        if has("stale connection") { return .stale }
        if has("maximum connections") || has("maximum account active connections") { return .tooManyConnections }
        if has("maximum subscriptions") { return .tooManySubscriptions }
        if has("maximum payload") { return .tooLarge }
        if has("tls required") { return .tlsRequired }
        if has("server shutdown") { return .shutdown }
        if has("invalid publish subject") || has("invalid subject") { return .invalidSubject }
        if has("unknown protocol operation") || has("parser error") || has("invalid client protocol")
            || has("maximum control line") || has("attempted to connect to")
        {
            return .protocolViolation
        }
        return .other
    }

    /// What the server does not do because of an error after which the connection stays.
    package enum Refusal: Sendable, Hashable {
        /// A subscription to this subject does not begin.
        case subscription(String)
        /// A subscription does not begin, and the server does not say which.
        case someSubscription
    }

    /// The subscription that the server refuses; `nil` where the error is about something else.
    package var refusal: Refusal? {
        switch self.kind {
        case .tooManySubscriptions: return .someSubscription
        case .invalidSubject: return self.text.lowercased().contains("publish") ? nil : .someSubscription
        case .permission:
            guard self.text.lowercased().contains("subscription") else { return nil }
            // A queue is named after the subject, in quotes too.
            guard let start = self.text.firstRange(of: " to \"")?.upperBound,
                let end = self.text[start...].utf8.firstIndex(of: UInt8(ascii: "\""))
            else { return .someSubscription }
            return .subscription(String(self.text[start..<end]))
        default: return nil
        }
    }

    /// Whether the server ends the connection.
    package var isFatal: Bool {
        switch self.kind {
        case .permission, .tooManySubscriptions, .invalidSubject, .other: false
        case .authorization, .authorizationTimeout, .slowConsumer, .stale, .tooManyConnections, .tooLarge, .tlsRequired,
            .shutdown, .protocolViolation:
            true
        }
    }

    /// The error for those who use the connection.
    package var error: GRIPNATSError {
        switch self.kind {
        case .authorization:
            GRIPNATSError(.authorization, "the server refuses the credentials ('\(self.text)')")
        case .authorizationTimeout:
            GRIPNATSError(.timeout, "the server did not get the credentials in time ('\(self.text)')")
        case .permission: GRIPNATSError(.permission, "the server does not permit this: \(self.text)")
        case .slowConsumer:
            GRIPNATSError(
                .server,
                "the server threw messages away, because they were not read in time ('\(self.text)')"
            )
        case .stale: GRIPNATSError(.stale, "the server had no answer to its pings ('\(self.text)')")
        case .tooManyConnections: GRIPNATSError(.server, "the server takes no more connections ('\(self.text)')")
        case .tooManySubscriptions: GRIPNATSError(.server, "the server takes no more subscriptions ('\(self.text)')")
        case .tooLarge: GRIPNATSError(.tooLarge, "the server does not take messages of this size ('\(self.text)')")
        case .tlsRequired:
            GRIPNATSError(
                .tls,
                "the server takes connections with TLS only; write its URL with tls:// ('\(self.text)')"
            )
        case .shutdown: GRIPNATSError(.connection, "the server ends ('\(self.text)')")
        case .protocolViolation:
            GRIPNATSError(.protocolViolation, "the server did not understand this client ('\(self.text)')")
        case .invalidSubject: GRIPNATSError(.subject, "the server does not take a subject ('\(self.text)')")
        case .other: GRIPNATSError(.server, "the server says '\(self.text)'")
        }
    }
}
