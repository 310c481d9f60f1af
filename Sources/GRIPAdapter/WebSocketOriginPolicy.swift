public import GRIP
public import HTTPTypes
import Logging

/// Which pages may open WebSockets.
///
/// Browsers let every page open a WebSocket to every server, and send the server's cookies along: what they keep from other
/// pages' requests by CORS does not hold for WebSockets. A handler that knows its user by a cookie would speak to the page
/// of a stranger in that user's name. The browser says in `Origin` whose page it is.
public struct WebSocketOriginPolicy: Sendable, Hashable {
    private enum Rule: Sendable, Hashable {
        case any
        case sameHost(onlyWithCookies: Bool)
    }

    private let rule: Rule
    /// Origins that are allowed too, as `https://app.example.com`, in lower case.
    private var allowed: Set<String> = []

    private init(_ rule: Rule) { self.rule = rule }

    /// Pages of the application's own host, where the request has cookies; without cookies pages of all origins.
    ///
    /// What is no browser sends no `Origin`, and is not concerned.
    public static let sameHostWithCookies = WebSocketOriginPolicy(.sameHost(onlyWithCookies: true))

    /// Pages of the application's own host, with or without cookies.
    public static let sameHost = WebSocketOriginPolicy(.sameHost(onlyWithCookies: false))

    /// Pages of all origins; for handlers that do not know their users by cookies, or that check for themselves.
    public static let any = WebSocketOriginPolicy(.any)

    /// Allows the pages of more origins.
    ///
    /// - Parameters:
    ///   - origin: An origin as browsers write it, with its scheme, and its port where that is not the scheme's own:
    ///     `https://app.example.com`.
    ///   - more: More of them.
    /// - Returns: The policy with these origins allowed besides.
    public func allowing(_ origin: String, _ more: String...) -> WebSocketOriginPolicy {
        var copy = self
        for each in [origin] + more { copy.allowed.insert(each.lowercased()) }
        return copy
    }

    /// Whether a request for a WebSocket is allowed.
    ///
    /// The application's own host is that of the request, or of `X-Forwarded-Host`, which a page cannot write. A host
    /// without a port, as some proxies pass it on, is compared without.
    ///
    /// - Parameter request: The head of the request.
    /// - Returns: False when the page is of another origin.
    public func allows(_ request: HTTPRequest) -> Bool {
        guard case .sameHost(let onlyWithCookies) = self.rule else { return true }
        let fields = request.headerFields
        let origins = fields[values: .origin]
        guard let origin = origins.first?.lowercased() else { return true }
        if onlyWithCookies, fields[.cookie] == nil { return true }
        guard origins.count == 1 else { return false }
        if self.allowed.contains(origin) { return true }
        guard let separator = origin.firstIndex(of: ":"), origin[separator...].hasPrefix("://") else { return false }
        let scheme = origin[..<separator]
        let page = Authority(origin[separator...].dropFirst("://".count))
        var hosts = fields[values: .forwardedHost].flatMap { $0.split(separator: ",") }.map { String($0) }
        hosts += fields[values: .host]
        if let host = request.authority { hosts.append(host) }
        return hosts.contains { host in
            let own = Authority(host.lowercased().trimmingASCIIWhitespace())
            guard own.host == page.host else { return false }
            guard let port = own.port else { return true }
            return port == page.port ?? (scheme == "https" ? "443" : "80")
        }
    }

    private struct Authority {
        let host: Substring
        let port: Substring?

        init(_ text: Substring) {
            // The colons of an IPv6 address are within brackets.
            let end = text.lastIndex(of: "]") ?? text.startIndex
            guard let colon = text[end...].lastIndex(of: ":") else {
                self.host = text
                self.port = nil
                return
            }
            self.host = text[..<colon]
            self.port = text[text.index(after: colon)...]
        }
    }
}

extension GRIPOrigin {
    /// Refuses a WebSocket that opens for the page of another origin.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - request: The head of its request, with the fields of the client's handshake.
    ///   - policy: Which pages may open it.
    /// - Throws: ``GRIPRefusal`` with status 403, which is logged at level `info` too.
    public func checkOrigin(
        of session: WebSocketSession,
        request: HTTPRequest,
        policy: WebSocketOriginPolicy = .sameHostWithCookies
    ) throws(GRIPRefusal) {
        guard session.isOpening, !policy.allows(request) else { return }
        let refusal = GRIPRefusal(
            .forbidden,
            "this WebSocket is not for pages of the origin '\(request.headerFields[.origin] ?? "")'"
        )
        self.logRefusal(of: session, request)
        throw refusal
    }

    private func logRefusal(of session: WebSocketSession, _ request: HTTPRequest) {
        // Any page can be the cause, as often as it likes.
        guard let leftOut = self.originPace.next() else { return }
        var metadata: Logger.Metadata = [
            "grip.origin": "\(LogText.cut(request.headerFields[.origin] ?? ""))",
            "grip.host": "\(LogText.cut(request.authority ?? ""))", "grip.connection": "\(session.id)",
        ]
        if leftOut > 0 { metadata["grip.left_out"] = "\(leftOut)" }
        self.logger.info(
            "a WebSocket is refused; allow the origin with WebSocketOriginPolicy, or have proxies pass on the client's Host",
            metadata: metadata
        )
    }
}

extension HTTPField.Name {
    fileprivate static let forwardedHost = Self.known("X-Forwarded-Host")
    fileprivate static let host = Self.known("Host")
}
