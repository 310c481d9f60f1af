public import HTTPTypes
import NIOCore

/// A client's WebSocket connection, for as long as one request lasts.
///
/// A proxy holds the connection. For each batch of events it makes a request, a handler looks at the batch and says what
/// is to happen, and the response carries that back. What must outlive the request belongs into ``meta``.
///
/// ```swift
/// if socket.isOpening {
///     socket.accept()
///     socket.subscribe(to: "room")
/// }
/// for message in socket.messages { socket.send(message) }
/// ```
///
/// Without a handler's doing, a ping is answered by a pong with its payload, a client's close by a close with its code,
/// and text that is not UTF-8 by a close with 1007. A connection that the handler neither accepts nor rejects is rejected
/// with 403.
///
/// The first ``close()`` or ``disconnect()`` is the end: whatever the handler sends afterwards is dropped, as it is when
/// the client is gone, because nobody could receive it. A handler need not guard its loops against that.
public struct WebSocketSession: Sendable {
    /// Something that the client did.
    public enum Input: Sendable, Hashable {
        /// The client sent a message.
        case message(GRIPContent)
        /// The client closes the connection.
        case close(WebSocketClose?)
        /// The client is gone without closing the connection.
        case disconnect
    }

    enum Handshake: Sendable {
        case undecided
        case accepted(subprotocol: String?)
        case rejected(status: HTTPResponse.Status, fields: HTTPFields, body: GRIPContent)
    }

    /// The connection's id, the same in all its requests.
    public let id: String

    /// The subprotocols that the client offers, in the order of its preference.
    public let offeredSubprotocols: [String]

    /// What is put before the name of each channel.
    public let channelPrefix: GRIPPrefix

    /// What is put before each message; the same in all requests of a connection.
    public let messagePrefix: WebSocketMessagePrefix

    /// What the proxy remembers of the connection for the origin; names are in lower case.
    ///
    /// Changes go to the proxy with the response and come back with every later request. A name consists of letters,
    /// digits and the punctuation of a header name. An empty value is the same as none.
    public var meta: [String: String]

    /// How often the proxy is to make a request without events, so that the handler has an occasion to speak.
    ///
    /// Nothing keeps what was set before; zero ends it. Rounded up to whole seconds; Pushpin waits at least 20.
    public var keepAliveInterval: Duration?

    /// How much of the request's content is dealt with, in bytes from its beginning; nothing means all of it.
    ///
    /// The proxy sends the rest again, together with what the client sends next. A number inside a message makes the
    /// proxy send its remainder as a message of its own, which for text can end in the middle of a character. Pings in
    /// the rest are not answered yet, and neither is a close.
    public var contentBytesAccepted: Int?

    /// How much of the request's content the proxy had sent before, in bytes from its beginning.
    public let contentBytesReplayed: Int

    /// Header fields of the handshake's answer, such as cookies; only those of an accepted connection are used.
    ///
    /// The proxy passes them on to the client. A rejection has fields of its own, see
    /// ``reject(status:fields:body:)``, and an open connection has no use for any.
    public var responseFields: HTTPFields = [:]

    /// The channels that the connection is not subscribed to although the handler has asked for it in the request before,
    /// because it had as many as it may; without ``channelPrefix``.
    ///
    /// Nothing that is published there reaches the client. Only the proxies of this package tell, and name at most 20
    /// channels, each of at most 400 bytes when it is percent-encoded. They announce how many channels they take too: see
    /// ``channelLimit``.
    public let leftOut: [String]

    /// How many channels the connection may have; `nil` where the proxy does not say.
    public var channelLimit: Int? { GRIPFeature.channelLimit(in: self.features.map { [$0] } ?? []) }

    /// What the proxy announces; few handlers ask for it, so that it is read when one does.
    private let features: String?
    let originalMeta: [String: String]
    /// Changes of subscriptions that the handler waits for.
    var pending: [PendingSubscription] = []
    /// Those that this request says are done.
    private(set) var settled: [PendingSubscription] = []
    let batch: WebSocketBatch
    /// The element of the batch that ``receive()`` looks at next.
    var position = 0
    /// The events of the response; begins with OPEN where the connection opens, so that nothing has to be put before it.
    var output = ByteBuffer()
    var handshake = Handshake.undecided
    /// Whether the handler said anything that a connection must be open for.
    var hasSpoken = false
    /// Whether nothing that is still written would be received.
    var hasEnded: Bool
    /// The first thing that could not be sent.
    var failure: GRIPError?
    /// What signs ``meta``, where there is a key for that.
    package var sealing: Sealing?

    /// Makes a session of a request.
    ///
    /// The fields must be those of a request whose origin is verified: anyone else could put anything into ``meta``.
    ///
    /// - Parameters:
    ///   - connectionID: The value of `Connection-Id`.
    ///   - requestFields: The header fields of the request.
    ///   - events: The events in its body.
    ///   - prefix: What to put before the name of each channel.
    ///   - messagePrefix: What to put before each message. It is announced when the connection is accepted and cannot be
    ///     changed afterwards, so it must be the same for all requests of a route.
    /// - Throws: ``GRIPError`` with ``GRIPError/Code/header`` when the id is empty, and with
    ///   ``GRIPError/Code/webSocketMessage`` when OPEN is not the first event.
    public init(
        connectionID: String,
        requestFields: HTTPFields,
        events: [WebSocketEvent],
        prefix: GRIPPrefix = .none,
        messagePrefix: WebSocketMessagePrefix = .standard
    ) throws(GRIPError) {
        guard !connectionID.isEmpty else {
            throw GRIPError(.header, "a WebSocket-over-HTTP request must have a 'Connection-Id'")
        }
        self.id = connectionID
        self.channelPrefix = prefix
        self.messagePrefix = messagePrefix
        self.offeredSubprotocols = Self.subprotocols(in: requestFields)
        self.meta = Self.meta(in: requestFields)
        self.originalMeta = self.meta
        self.features = requestFields.first { $0.name == .gripFeature }?.value
        self.leftOut = Self.leftOut(in: requestFields, prefix: prefix)
        self.contentBytesReplayed = max(0, requestFields[.contentBytesReplayed].flatMap { Int($0) } ?? 0)
        self.batch = try WebSocketBatch(events)
        if let text = self.meta.removeValue(forKey: PendingSubscription.metaName) {
            // An empty pong is no answer to a ping of ours.
            let answers = Set(self.batch.pongs.map { String(buffer: $0) })
            for change in PendingSubscription.parse(text) {
                if change.isJoining, self.leftOut.contains(change.channel) {
                    // There is no subscription that could stand.
                    continue
                } else if answers.contains(change.payload) {
                    self.settled.append(change)
                } else {
                    self.pending.append(change)
                }
            }
        }
        self.hasEnded = self.batch.isDisconnected
        if self.batch.isOpening { self.output.writeEvent(.open) }
    }
}
