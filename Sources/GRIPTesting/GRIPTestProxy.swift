public import GRIP
public import GRIPAdapter
import GRIPSignature
public import HTTPTypes

/// A proxy as an origin sees it: what it signs, and what it adds to a request's headers.
///
/// ```swift
/// let proxy = GRIPTestProxy()
/// let grip = try GRIPOrigin(proxy.configuration, publisher: RecordingPublisher())
/// try await client.execute(uri: "/stream", method: .get, headers: proxy.fields()) { response in
///     let instruction = try GRIPInstruction(fields: response.headers)
///     #expect(instruction == .stream(on: "test"))
/// }
/// ```
public struct GRIPTestProxy: Sendable {
    /// The secret that the proxy signs with.
    public var secret: String
    /// The issuer that the proxy names.
    public var issuer: String
    /// What the proxy says it can do.
    public var features: Set<GRIPFeature>

    /// Makes a proxy.
    ///
    /// - Parameters:
    ///   - secret: The secret that the proxy signs with.
    ///   - issuer: The issuer that the proxy names.
    ///   - features: What the proxy says it can do; by default what Pushpin 1.41 can.
    public init(
        secret: String = "changeme",
        issuer: String = "pushpin",
        features: Set<GRIPFeature> = Self.usualFeatures
    ) {
        self.secret = secret
        self.issuer = issuer
        self.features = features
    }

    /// What Pushpin 1.41 says it can do.
    public static let usualFeatures: Set<GRIPFeature> = [
        .status, .session, .linkNext, .linkGone, .filter(.skipSelf), .filter(.skipUsers),
        .filter(.requireSubscription), .filter(.buildID), .filter(.substituteVariables),
    ]

    /// The configuration of an origin that has this proxy and verifies its requests.
    ///
    /// - Throws: `GRIPError` when the secret is empty.
    public var configuration: GRIPConfiguration {
        get throws {
            GRIPConfiguration(
                proxies: [try .pushpin(verifyKey: GRIPKey(self.secret), verifyIssuer: self.issuer)]
            )
        }
    }

    /// The headers that the proxy adds to a request.
    ///
    /// - Parameters:
    ///   - lastIDs: By channel, the id of the last item the client has seen.
    ///   - lifetime: How long the signature is valid; less than nothing makes one that has expired.
    /// - Throws: `GRIPError` when the secret is empty.
    /// - Returns: The header fields.
    public func fields(lastIDs: [String: String] = [:], lifetime: Duration = .seconds(3600)) throws -> HTTPFields {
        var request = GRIPRequest(fields: [:])
        request.signature = try self.signature(lifetime: lifetime)
        request.features = self.features
        request.lastIDs = lastIDs
        var fields = HTTPFields()
        request.write(to: &fields)
        return fields
    }

    /// A signature of the proxy (`Grip-Sig`).
    ///
    /// - Parameter lifetime: How long it is valid; less than nothing makes one that has expired.
    /// - Throws: `GRIPError` when the secret is empty.
    /// - Returns: The token.
    public func signature(lifetime: Duration = .seconds(3600)) throws -> String {
        try GRIPTokenIssuer(key: GRIPKey(self.secret), issuer: self.issuer, lifetime: lifetime).token().text
    }
}
