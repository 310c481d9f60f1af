public import GRIP
import GRIPSignature
import Logging

extension GRIPLink {
    /// The item of a link's query that has its claims.
    static let claimsItem = "grip-claims"

    /// Makes a link that says on whose behalf it is asked, in a way that nobody else can.
    ///
    /// A proxy follows a link without the client's cookies and headers. What the handler of the link has to know of the
    /// client goes into claims, which are signed and come back in ``GRIPRequestState/linkClaims``:
    ///
    /// ```swift
    /// let link = try GRIPLink("/dashboard/more", claims: ["user": user], signedBy: grip)
    /// ```
    ///
    /// The claims are not secret; do not put anything into them that logs must not have. They are signed with
    /// ``GRIPConfiguration/applicationKey``, or else with the key of the proxy in the application, or with a shared
    /// secret that verifies a proxy. They hold for this path and query only, as the application gets them: a proxy that
    /// rewrites paths makes them void.
    ///
    /// - Parameters:
    ///   - uri: An absolute URI, or a reference that begins with a slash; see `GRIPLink.init(_:timeout:)`.
    ///   - claims: What the handler of the link has to know.
    ///   - grip: The application's side of GRIP.
    ///   - lifetime: How long the claims hold, a day unless said otherwise. An answer to the link can have a link with new
    ///     ones; a stream on which nothing is missed and much is published asks late, and has to be opened again then.
    ///   - timeout: After how much time without a delivery to fetch a next link.
    /// - Throws: `GRIPError`: with `GRIPError.Code.key` when there is no key to sign with; with `GRIPError.Code.link` when
    ///   the URI is no such reference, has a fragment, or is too long with the claims.
    public init(
        _ uri: String,
        claims: [String: String],
        signedBy grip: GRIPOrigin,
        lifetime: Duration = .seconds(86_400),
        timeout: Duration? = nil
    ) throws(GRIPError) {
        guard let target = Self.target(of: uri), !uri.contains("#") else {
            throw GRIPError(.link, "a link with claims must be absolute or begin with '/', and have no fragment")
        }
        let (subject, others) = Self.split(target)
        guard others.isEmpty else {
            throw GRIPError(.link, "a link with claims must not have '\(Self.claimsItem)' yet")
        }
        guard let seal = try grip.claimsSeals().first else {
            throw GRIPError(
                .key,
                "there is no key to sign the claims of a link with; set GRIP_APPLICATION_KEY to a secret of your own"
            )
        }
        let expiry = GRIPTimestamp(secondsSince1970: GRIPTimestamp.now.secondsSince1970 + lifetime.components.seconds)
        let sealed = try seal.seal(claims, for: subject, until: expiry)
        try self.init(uri + (uri.contains("?") ? "&" : "?") + "\(Self.claimsItem)=\(sealed)", timeout: timeout)
    }

    /// The path and query of a URI, or `nil` when it cannot be told without another URI.
    private static func target(of uri: String) -> Substring? {
        if uri.hasPrefix("/"), !uri.hasPrefix("//") { return uri[...] }
        guard let colon = uri.firstIndex(of: ":"), uri[colon...].hasPrefix("://") else { return nil }
        let rest = uri[colon...].dropFirst("://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty else { return nil }
        let target = rest[authority.endIndex...]
        return target.hasPrefix("/") ? target : "/" + target
    }

    /// Takes the claims out of the path and query of a request.
    ///
    /// - Parameter target: The path and query.
    /// - Returns: What claims are bound to, and the values of all items that have claims.
    static func split(_ target: Substring) -> (subject: String, claims: [Substring]) {
        guard let mark = target.firstIndex(of: "?") else { return (String(target), []) }
        var others: [Substring] = []
        var claims: [Substring] = []
        for item in target[target.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false) {
            if item.utf8.starts(with: "\(Self.claimsItem)=".utf8) {
                claims.append(item.dropFirst(Self.claimsItem.count + 1))
            } else if !item.isEmpty {
                others.append(item)
            }
        }
        let path = String(target[..<mark])
        return (others.isEmpty ? path : path + "?" + others.joined(separator: "&"), claims)
    }
}

extension GRIPRequestState {
    /// What the link that this request follows says of the client, or `nil` where it says nothing that can be believed.
    ///
    /// Claims of another path or query, claims that have expired and claims that this application has not signed are
    /// `nil`; the origin logs the reason at level `info`. See `GRIPLink.init(_:claims:signedBy:lifetime:timeout:)`.
    public var linkClaims: [String: String]? {
        guard let target = self.target, let origin = self.origin else { return nil }
        let (subject, sealed) = GRIPLink.split(target[...])
        guard let text = sealed.first else { return nil }
        guard sealed.count == 1 else {
            origin.logDisbelievedClaims(of: subject, "the link has several")
            return nil
        }
        return origin.claims(in: text, for: subject)
    }
}

extension GRIPOrigin {
    func claims(in text: Substring, for subject: String) -> [String: String]? {
        var problem: any Error = ClaimsSeal.Problem.mismatch
        do {
            for seal in try self.claimsSeals() {
                do {
                    return try seal.open(text, for: subject)
                } catch {
                    problem = error
                    // Another key can only explain a signature that does not fit.
                    guard error == .mismatch else { break }
                }
            }
        } catch {
            problem = error
        }
        self.logDisbelievedClaims(of: subject, "\(problem)")
        return nil
    }

    func logDisbelievedClaims(of subject: String, _ reason: String) {
        // Any client can be the cause, as often as it likes.
        guard let leftOut = self.claimsPace.next() else { return }
        var metadata: Logger.Metadata = [
            "grip.path": "\(LogText.cut(subject.prefix { $0 != "?" }))", "grip.reason": "\(reason)",
        ]
        if leftOut > 0 { metadata["grip.left_out"] = "\(leftOut)" }
        self.logger.info("the claims of a link are not believed", metadata: metadata)
    }
}
