public import GRIP
import GRIPSignature
public import HTTPTypes
public import NIOCore

/// A WebSocket as an origin sees it: requests with events, one after the other, and what the answers mean.
///
/// It keeps the connection's id and meta from one request to the next, as a proxy does.
///
/// ```swift
/// var socket = GRIPTestWebSocket(through: GRIPTestProxy())
/// let request = try socket.request(.open)
/// try await client.execute(uri: "/echo", method: .post, headers: request.fields, body: request.body) { response in
///     let answer = try socket.receive(response.status, response.headers, response.body)
///     #expect(answer.isAccepted)
///     #expect(answer.subscriptions == ["test"])
/// }
/// ```
public struct GRIPTestWebSocket: Sendable {
    /// A request of the proxy.
    public struct Request: Sendable, Hashable {
        /// The header fields.
        public let fields: HTTPFields
        /// The events.
        public let body: ByteBuffer
    }

    /// The connection's id.
    public let id: String
    /// The path of the route, for those who make the requests.
    public let path: String
    /// What the proxy remembers for the origin, by name in lower case.
    public private(set) var meta: [String: String]
    /// The origin's signature of the meta, which the proxy remembers too.
    private var seal: String?
    private let proxy: GRIPTestProxy?
    private let handshake: HTTPFields
    private var messagePrefix: WebSocketMessagePrefix

    /// Makes a connection, as it is before the next request.
    ///
    /// - Parameters:
    ///   - proxy: The proxy that signs the requests, or nothing for requests that are not signed.
    ///   - path: The path of the route; `HummingbirdGRIPTesting` sends its requests there.
    ///   - id: The connection's id.
    ///   - meta: What the proxy remembers from earlier requests; it counts as set by the origin.
    ///   - handshake: Header fields of the client's handshake, which come with every request.
    ///   - messagePrefix: What the origin puts before messages, for a connection that is not opened in the test; the
    ///     answer to an opening tells.
    public init(
        through proxy: GRIPTestProxy?,
        path: String = "/",
        id: String = "00000000-0000-4000-8000-000000000001",
        meta: [String: String] = [:],
        handshake: HTTPFields = [:],
        messagePrefix: WebSocketMessagePrefix = .standard
    ) {
        self.proxy = proxy
        self.id = id
        self.path = path
        self.meta = meta
        self.handshake = handshake
        self.messagePrefix = messagePrefix
    }

    /// The request for a batch of events.
    ///
    /// - Parameter events: The events; none makes the request of a keep-alive.
    /// - Throws: `GRIPError` when the proxy's secret is empty.
    /// - Returns: The request.
    public func request(_ events: WebSocketEvent...) throws -> Request { try self.request(events) }

    /// The request for a batch of events that is put together beforehand.
    ///
    /// - Parameter events: The events; none makes the request of a keep-alive.
    /// - Throws: `GRIPError` when the proxy's secret is empty.
    /// - Returns: The request.
    public func request(_ events: [WebSocketEvent]) throws -> Request {
        var fields = self.handshake
        for field in try self.proxy?.fields() ?? [:] { fields.append(field) }
        var request = GRIPRequest(fields: fields)
        request.connectionID = self.id
        request.meta = self.meta
        if !self.meta.isEmpty { request.meta[MetaSeal.metaName] = self.seal ?? self.initialSeal }
        request.write(to: &fields)
        fields[.accept] = WebSocketSession.contentType
        fields[.contentType] = WebSocketSession.contentType
        return Request(fields: fields, body: WebSocketEvent.encode(events))
    }

    /// The signature of meta that no answer has set, as an origin makes it whose proxy this is.
    private var initialSeal: String? {
        // A key of a pair signs no meta, and neither does its origin.
        guard let proxy, let key = try? GRIPKey(proxy.secret), let seal = try? MetaSeal(key) else { return nil }
        return seal.code(for: self.meta, of: self.id)
    }

    /// Reads the origin's answer as a proxy does, and remembers what it sets.
    ///
    /// A rejection, or an error of the origin, sets nothing.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - fields: The header fields.
    ///   - body: The body.
    /// - Throws: `WebSocketEventError` when the body is no batch of events; `GRIPError` when a control
    ///   message in it is none that proxies understand.
    /// - Returns: What the answer means.
    public mutating func receive(
        _ status: HTTPResponse.Status,
        _ fields: HTTPFields,
        _ body: ByteBuffer
    ) throws -> GRIPTestWebSocketAnswer {
        guard status == .ok, fields[.contentType]?.isMediaType(WebSocketSession.contentType) == true else {
            return GRIPTestWebSocketAnswer(rejection: body, status, fields)
        }
        if let value = fields[.secWebSocketExtensions],
            let prefix = WebSocketMessagePrefix(extensionFieldValue: value)
        {
            self.messagePrefix = prefix
        }
        for field in fields where field.name.canonicalName.hasPrefix("set-meta-") {
            let name = String(field.name.canonicalName.dropFirst("set-meta-".count))
            guard name != MetaSeal.metaName else {
                self.seal = field.value.isEmpty ? nil : field.value
                continue
            }
            self.meta[name] = field.value.isEmpty ? nil : field.value
        }
        return try GRIPTestWebSocketAnswer(events: body, fields, prefix: self.messagePrefix)
    }
}
