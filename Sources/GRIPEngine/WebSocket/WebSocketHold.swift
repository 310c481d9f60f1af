package import GRIP
package import NIOCore

/// The GRIP side of a WebSocket: what its origin tells the proxy to do, and the items of its channels.
package struct WebSocketHold: Sendable {
    package enum Action: Sendable, Hashable {
        case send(WebSocketFrame)
        case subscribe(HeldChannel)
        /// The filters of a channel have changed; its slot stays.
        case unsubscribe(String)
        /// The origin wants to hear nothing more.
        case detach
        /// The origin asks for what cannot be done.
        case fail(WebSocketClose)
        /// An instruction could not be followed.
        case note(String)
    }

    /// What an item means for the client.
    package enum Reaction: Sendable, Hashable {
        /// The item is sent as every WebSocket gets it.
        case write
        /// Something else is sent in its place.
        case writeInstead(WebSocketFrame)
        case skip
        case close(WebSocketClose)
        /// The origin is to be asked whether it has anything to say.
        case refresh
        /// A filter could not be applied, so nothing is sent.
        case failed(String)
    }

    /// What there is besides channels, which most WebSockets never have.
    private struct Extras: Sendable {
        var meta: [String: String] = [:]
        var keepAlive: WebSocketKeepAlive?
        var keepAlivePeriod: Duration = .zero
        var lastKeepAlive = EngineTime(milliseconds: 0)
        var delayed: WebSocketTimedMessage?
        var delayedDeadline = EngineTime(milliseconds: 0)
    }

    /// What stands before messages for the client, or nothing when the origin does no GRIP.
    private let messagePrefix: [UInt8]?
    private let routePrefix: String
    private let limit: Int
    private let implicitCount: Int
    package private(set) var channels: [HeldChannel]
    private var extras: [Extras] = []
    private var lastSend: EngineTime
    private var isInsideDroppedMessage = false

    /// Makes the GRIP side of a WebSocket that has been accepted.
    ///
    /// - Parameters:
    ///   - messagePrefix: What the origin puts before messages, or nothing when it did not accept GRIP.
    ///   - routePrefix: What stands before the names of the origin's channels.
    ///   - implicit: The channels that the route names.
    ///   - limit: How many channels there may be.
    ///   - now: The time.
    package init(
        messagePrefix: WebSocketMessagePrefix?,
        routePrefix: String,
        implicit: [String],
        limit: Int,
        now: EngineTime
    ) {
        self.messagePrefix = messagePrefix.map { Array($0.text.utf8) }
        self.routePrefix = routePrefix
        self.limit = limit
        self.channels = implicit.prefix(limit).map { HeldChannel(implicit: $0) }
        self.implicitCount = self.channels.count
        self.lastSend = now
    }

    // MARK: From the origin

    /// Takes a frame of the origin: a whole message, a part of one, a ping or a pong.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - now: The time.
    ///   - random: A number from 0 to 1 for the time of keep-alives.
    package mutating func receive(_ frame: WebSocketFrame, now: EngineTime, random: Double) -> [Action] {
        guard let messagePrefix, !frame.opcode.isControl else { return self.send(frame, now: now) }
        if frame.opcode == .continuation {
            defer { if frame.isFinal { self.isInsideDroppedMessage = false } }
            return self.isInsideDroppedMessage ? [] : self.send(frame, now: now)
        }
        self.isInsideDroppedMessage = false
        let bytes = frame.payload.readableBytesView
        if frame.opcode == .text, bytes.starts(with: Self.controlPrefix) {
            // Control messages are whole; the parts of another are not for the client either.
            guard frame.isFinal else {
                self.isInsideDroppedMessage = true
                return []
            }
            var payload = frame.payload
            payload.moveReaderIndex(forwardBy: Self.controlPrefix.count)
            return self.follow(payload, now: now, random: random)
        }
        guard bytes.starts(with: messagePrefix) else {
            self.isInsideDroppedMessage = !frame.isFinal
            return []
        }
        var frame = frame
        frame.payload.moveReaderIndex(forwardBy: messagePrefix.count)
        return self.send(frame, now: now)
    }

    private static let controlPrefix = Array("c:".utf8)

    private mutating func send(_ frame: WebSocketFrame, now: EngineTime) -> [Action] {
        self.lastSend = now
        return [.send(frame)]
    }

    private mutating func follow(_ content: ByteBuffer, now: EngineTime, random: Double) -> [Action] {
        let message: WebSocketControlMessage
        do throws(GRIPError) {
            message = try WebSocketControlMessage(parsing: content)
        } catch {
            return [.note(error.reason)]
        }
        switch message {
        case .subscribe(let channel): return self.subscribe(channel)
        case .unsubscribe(let channel): return self.unsubscribe(channel)
        case .detach: return [.detach]
        case .session: return []
        case .setMeta(let meta):
            self.modify { $0.meta[meta.name] = meta.value }
            return []
        case .keepAlive(let keepAlive):
            self.modify { extras in
                extras.keepAlive = keepAlive
                extras.lastKeepAlive = now
                extras.keepAlivePeriod = Self.period(keepAlive, random)
            }
            self.lastSend = now
            return []
        case .sendDelayed(let delayed):
            let flushed = self.flushDelayed(now: now)
            self.modify { extras in
                extras.delayed = delayed.message
                extras.delayedDeadline = now + delayed.timeout
            }
            return flushed
        case .flushDelayed: return self.flushDelayed(now: now)
        }
    }

    private static func period(_ keepAlive: WebSocketKeepAlive?, _ random: Double) -> Duration {
        keepAlive.map { $0.timeout - .milliseconds(Int(random * 1000)) } ?? .zero
    }

    private mutating func modify(_ change: (inout Extras) -> Void) {
        if self.extras.isEmpty { self.extras.append(Extras()) }
        change(&self.extras[0])
    }

    private mutating func subscribe(_ channel: GRIPChannel) -> [Action] {
        guard channel.filters.count <= GRIPChannel.maximumFilters else {
            let reason = "a channel has at most \(GRIPChannel.maximumFilters) filters"
            return [.fail(WebSocketClose(unchecked: .internalError, reason: reason))]
        }
        let held = HeldChannel(channel, prefix: self.routePrefix)
        if let slot = self.channels.firstIndex(where: { $0.name == held.name }) {
            self.channels[slot] = held
            return []
        }
        guard self.channels.count < self.limit else {
            return [.note("a WebSocket is subscribed to at most \(self.limit) channels")]
        }
        self.channels.append(held)
        return [.subscribe(held)]
    }

    private mutating func unsubscribe(_ channel: GRIPChannel) -> [Action] {
        let name = self.routePrefix + channel.name
        guard let slot = self.channels.firstIndex(where: { $0.name == name }), slot >= self.implicitCount else {
            return []
        }
        self.channels.remove(at: slot)
        return [.unsubscribe(name)]
    }

    // MARK: Items

    /// Decides what an item means.
    package mutating func receive(_ delivery: Delivery, now: EngineTime) -> Reaction {
        guard let message = delivery.webSocket else { return .skip }
        switch message.action {
        case .hint: return .skip
        case .refresh: return .refresh
        case .close(let code, let reason):
            return .close(
                WebSocketClose(
                    unchecked: code.map { WebSocketCloseCode(rawValue: $0) } ?? .normalClosure,
                    reason: reason
                )
            )
        case .send(let type, _): return self.filter(delivery, message, type, now: now)
        }
    }

    private mutating func filter(
        _ delivery: Delivery,
        _ message: GRIPWebSocketMessage,
        _ type: GRIPWebSocketMessage.MessageType,
        now: EngineTime
    ) -> Reaction {
        guard let channel = self.channels.first(where: { $0.name == delivery.channel }),
            channel.filters.matches(contentFilters: message.contentFilters)
        else { return .skip }
        self.lastSend = now
        guard !channel.filters.isEmpty else { return .write }
        let channels = self.channels
        let context = FilterContext(
            subscriptionMeta: self.extras.first?.meta ?? [:],
            publicationMeta: delivery.item.meta,
            isSubscribed: { name in channels.contains { $0.localName == name } }
        )
        switch channel.filters.apply(to: delivery.webSocketContent, context: context) {
        case .unchanged: return .write
        case .replaced(let content): return .writeInstead(WebSocketFrame(type.opcode, content))
        case .dropped: return .skip
        case .failed(let reason): return .failed(reason)
        }
    }

    // MARK: Time

    /// When it is to be woken.
    package var nextDeadline: EngineTime? {
        guard let extras = self.extras.first else { return nil }
        let keepAlive = extras.keepAlive.map { keepAlive in
            (keepAlive.mode == .idle ? max(self.lastSend, extras.lastKeepAlive) : extras.lastKeepAlive)
                + extras.keepAlivePeriod
        }
        let delayed = extras.delayed.map { _ in extras.delayedDeadline }
        guard let keepAlive, let delayed else { return keepAlive ?? delayed }
        return min(keepAlive, delayed)
    }

    /// Does what is due.
    package mutating func wake(at now: EngineTime, random: Double) -> [Action] {
        var actions: [Action] = []
        guard let extras = self.extras.first else { return actions }
        if extras.delayed != nil, extras.delayedDeadline <= now { actions += self.flushDelayed(now: now) }
        if let keepAlive = extras.keepAlive {
            let base = keepAlive.mode == .idle ? max(self.lastSend, extras.lastKeepAlive) : extras.lastKeepAlive
            if base + extras.keepAlivePeriod <= now {
                self.modify { extras in
                    extras.lastKeepAlive = now
                    extras.keepAlivePeriod = Self.period(keepAlive, random)
                }
                actions += self.send(keepAlive.message.frame, now: now)
            }
        }
        return actions
    }

    private mutating func flushDelayed(now: EngineTime) -> [Action] {
        guard let message = self.extras.first?.delayed else { return [] }
        self.modify { $0.delayed = nil }
        return self.send(message.frame, now: now)
    }
}

extension WebSocketTimedMessage {
    fileprivate var frame: WebSocketFrame {
        switch self {
        case .text(let text): WebSocketFrame(.text, ByteBuffer(string: text))
        case .binary(let bytes): WebSocketFrame(.binary, bytes)
        case .ping(let bytes): WebSocketFrame(.ping, bytes)
        case .pong(let bytes): WebSocketFrame(.pong, bytes)
        }
    }
}

extension GRIPWebSocketMessage.MessageType {
    package var opcode: WebSocketFrame.Opcode {
        switch self {
        case .text: .text
        case .binary: .binary
        case .ping: .ping
        case .pong: .pong
        }
    }
}
