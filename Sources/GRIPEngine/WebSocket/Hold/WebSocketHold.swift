package import GRIP
package import NIOCore

/// What the proxy knows of one WebSocket: its channels, its meta and the messages it sends by itself.
///
/// Messages of the origin pass through it, and those that are for the proxy end here. Where the origin did not agree to
/// GRIP everything passes as it is, and there are only the channels that the route gives.
package struct WebSocketHold: Sendable {
    /// What a message of the origin is.
    package enum Judgement: Sendable, Hashable {
        /// A message for the proxy, without what marks it.
        case control(ByteBuffer)
        /// A message for the client, without the message prefix.
        case message(ByteBuffer)
        /// A message for nobody.
        case other
        /// A beginning that is too short to tell.
        case undecided
    }

    /// What a message for the proxy, or the time, brings about.
    package enum Effect: Sendable, Hashable {
        case send(WebSocketOutgoingFrame)
        case subscribe(channel: String, filters: [GRIPFilter], member: GRIPMember? = nil)
        case unsubscribe(String)
        /// There is no subscription to a channel, because there are as many as there may be.
        case leaveOut(String)
        case detach
        case close(WebSocketClose)
    }

    struct Subscription: Sendable {
        let channel: String
        /// Whether the route gave it, so that it stays.
        let isImplicit: Bool
    }

    package let configuration: Shared<WebSocketRelayConfiguration>
    /// What the origin puts before messages for the client, or nothing where it does no GRIP.
    package private(set) var messagePrefix: WebSocketMessagePrefix?
    /// What filters see of the connection.
    package internal(set) var meta: [String: String] = [:]

    var subscriptions: [Subscription] = []
    var timers: WebSocketTimers

    /// Makes the hold of a connection that is not open yet.
    ///
    /// - Parameters:
    ///   - configuration: What connections of the same route share.
    ///   - jitter: A random time from 0 to 1 second, which spreads what connections do at intervals.
    package init(_ configuration: Shared<WebSocketRelayConfiguration>, jitter: Duration) {
        self.configuration = configuration
        self.timers = WebSocketTimers(jitter: jitter)
    }

    /// Begins when the origin has accepted the connection.
    ///
    /// - Parameter messagePrefix: What the origin puts before messages for the client, or nothing where it does no GRIP.
    /// - Returns: The subscriptions that the route gives.
    package mutating func open(messagePrefix: WebSocketMessagePrefix?) -> [Effect] {
        let configuration = self.configuration.value
        self.messagePrefix = messagePrefix
        var effects: [Effect] = []
        for channel in configuration.implicitChannels {
            guard !self.subscriptions.contains(where: { $0.hasName(channel) }) else { continue }
            guard self.subscriptions.count < configuration.maximumSubscriptions else {
                effects.append(.leaveOut(channel))
                continue
            }
            self.subscriptions.append(Subscription(channel: channel, isImplicit: true))
            effects.append(.subscribe(channel: channel, filters: []))
        }
        return effects
    }

    /// Tells for whom a message is.
    ///
    /// What marks messages for the proxy is looked for first, and in text only.
    ///
    /// - Parameters:
    ///   - kind: What the message consists of.
    ///   - content: The message or its beginning.
    ///   - isComplete: Whether there is no more of it.
    package func judge(_ kind: WebSocketMessageKind, _ content: ByteBuffer, isComplete: Bool = true) -> Judgement {
        guard let messagePrefix else { return .message(content) }
        if kind == .text {
            if let rest = content.removingPrefix(WebSocketMessagePrefix.control) { return .control(rest) }
            if !isComplete, content.canBegin(WebSocketMessagePrefix.control) { return .undecided }
        }
        if let rest = content.removingPrefix(messagePrefix.text) { return .message(rest) }
        return !isComplete && content.canBegin(messagePrefix.text) ? .undecided : .other
    }

    /// Whether the connection is subscribed to a channel, by the name that origins and publishers use.
    package func isSubscribed(to channel: String) -> Bool {
        let name = self.configuration.value.channelPrefix + channel
        return self.subscriptions.contains { $0.hasName($0.isImplicit ? channel : name) }
    }
}

extension WebSocketHold.Subscription {
    /// Whether it is to that channel; bytes are compared, as names that look alike are different channels.
    func hasName(_ name: String) -> Bool { self.channel.utf8.elementsEqual(name.utf8) }
}

extension ByteBuffer {
    /// What follows a prefix, or nothing where it is missing.
    fileprivate func removingPrefix(_ prefix: String) -> ByteBuffer? {
        guard self.readableBytesView.starts(with: prefix.utf8) else { return nil }
        var rest = self
        rest.moveReaderIndex(forwardBy: prefix.utf8.count)
        return rest
    }

    /// Whether the bytes are the beginning of a text, but not all of it.
    fileprivate func canBegin(_ text: String) -> Bool {
        self.readableBytes < text.utf8.count && text.utf8.starts(with: self.readableBytesView)
    }
}
