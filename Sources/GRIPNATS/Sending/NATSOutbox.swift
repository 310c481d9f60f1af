package import NIOCore

/// What waits to be sent, gathered so that many operations go out with one write.
///
/// Messages are taken as far as there is room, and while there is a connection; see ``Limits/disconnected`` for what may
/// wait for one. Subscriptions are always taken: while there is no connection they need no bytes, because all of them are
/// sent again when there is one.
package struct NATSOutbox: Sendable {
    package struct Limits: Sendable, Hashable {
        /// How many bytes may wait for the server.
        package var bytes: Int
        /// How many bytes of messages may wait for a connection.
        package var disconnected: Int

        package init(bytes: Int = 8_388_608, disconnected: Int = 0) {
            self.bytes = bytes
            self.disconnected = disconnected
        }
    }

    /// Why a message is not taken.
    package enum Refusal: Sendable, Hashable {
        case disconnected
        case full
        case tooLarge(maximum: Int)
        /// The server does not know headers.
        case noHeaders
        /// The connection was shut down.
        case closed
    }

    package struct Message: Sendable {
        package var subject: GRIPNATSSubject
        package var reply: GRIPNATSSubject?
        package var headers: ByteBuffer?
        package var payload: ByteBuffer

        package init(
            _ subject: GRIPNATSSubject,
            reply: GRIPNATSSubject? = nil,
            headers: ByteBuffer? = nil,
            _ payload: ByteBuffer
        ) {
            self.subject = subject
            self.reply = reply
            self.headers = headers
            self.payload = payload
        }

        /// What the server holds against its limit.
        var byteCount: Int { (self.headers?.readableBytes ?? 0) + self.payload.readableBytes }

        /// No less than what it takes on the way.
        var cost: Int { self.byteCount + self.subject.text.utf8.count + (self.reply?.text.utf8.count ?? 0) + 32 }
    }

    /// What is to be written now.
    package struct Batch: Sendable {
        package var parts: [ByteBuffer] = []
        package var size = BatchSize()

        package init() {}
    }

    package struct BatchSize: Sendable, Hashable {
        package var byteCount = 0
        package var messageCount = 0

        package init() {}
    }

    private enum State: Sendable, Hashable {
        case disconnected
        case connected
        case closed
    }

    /// A payload from this size on is sent from where it is; copying smaller ones is faster than sending them apart.
    package static let copyLimit = 16_384

    private let limits: Limits
    private var state = State.disconnected
    private var info = NATSServerInfo()
    private var waiting = Batch()
    /// What waits for a connection.
    private var kept: [Message] = []
    private var keptCost = 0
    /// What was handed to the channel and is not yet with the system.
    private var inFlight = 0
    /// How many messages were taken and then not sent: because the connection was lost before the system had them, or because
    /// they waited for one and the server does not take their size.
    package private(set) var lostMessages = 0

    package init(limits: Limits = Limits()) { self.limits = limits }

    package var isConnected: Bool { self.state == .connected }
    package var isClosed: Bool { self.state == .closed }
    /// How many bytes wait for the server, in the channel too.
    package var byteCount: Int { self.waiting.size.byteCount + self.inFlight }

    /// Whether so much waits that the server is of no use; subscriptions are taken beyond the limit of messages.
    package var isStalled: Bool {
        // Half of it is compared, because twice the limit need not be a number.
        self.state == .connected && (self.byteCount - NATSOutbox.subscriptionRoom) / 2 > self.limits.bytes
    }

    /// Room for the subscriptions that are sent when a connection begins: some hundred thousand.
    package static let subscriptionRoom = 67_108_864

    // MARK: Messages

    /// Takes messages, all or none of them.
    ///
    /// - Parameters:
    ///   - messages: The messages.
    ///   - mayWait: Whether they may wait for a connection; without, they are refused where there is none.
    ///   - finish: What is done to a message, whose place among all it gets, when all of them are taken and before it is
    ///     written. It must not change the size.
    package mutating func publish(
        _ messages: inout [Message],
        mayWait: Bool = true,
        finish: (Int, inout Message) -> Void = { _, _ in }
    ) -> Refusal? {
        if let refusal = self.stateRefusal { return refusal }
        if !mayWait, !self.isConnected { return .disconnected }
        for message in messages {
            if let refusal = self.refusal(of: message) { return refusal }
        }
        if let refusal = self.refusal(cost: messages.reduce(0) { $0 + $1.cost }) { return refusal }
        for index in messages.indices {
            finish(index, &messages[index])
            self.keepOrWrite(messages[index])
        }
        return nil
    }

    /// Takes a message.
    package mutating func publish(_ message: Message) -> Refusal? {
        if let refusal = self.stateRefusal ?? self.refusal(of: message) ?? self.refusal(cost: message.cost) {
            return refusal
        }
        self.keepOrWrite(message)
        return nil
    }

    private var stateRefusal: Refusal? {
        switch self.state {
        case .closed: .closed
        case .disconnected where self.limits.disconnected == 0: .disconnected
        case .disconnected, .connected: nil
        }
    }

    private func refusal(of message: Message) -> Refusal? {
        if message.headers != nil, self.state == .connected, !self.info.supportsHeaders { return .noHeaders }
        return message.byteCount > self.info.maximumPayload ? .tooLarge(maximum: self.info.maximumPayload) : nil
    }

    private func refusal(cost: Int) -> Refusal? {
        switch self.state {
        case .disconnected: return cost > self.limits.disconnected - self.keptCost ? .full : nil
        // One that alone is larger than the limit gets through when nothing else waits.
        case .connected: return self.byteCount > 0 && cost > self.limits.bytes - self.byteCount ? .full : nil
        case .closed: return .closed
        }
    }

    private mutating func keepOrWrite(_ message: Message) {
        guard self.state == .disconnected else { return self.write(message) }
        self.kept.append(message)
        self.keptCost += message.cost
    }

    private mutating func write(_ message: Message) {
        self.waiting.size.messageCount += 1
        guard message.payload.readableBytes >= Self.copyLimit else {
            return self.append {
                $0.writeNATS(.publish(message.subject, reply: message.reply, headers: message.headers, message.payload))
            }
        }
        self.append { buffer in
            buffer.writeNATSPublishLine(
                message.subject,
                reply: message.reply,
                headerByteCount: message.headers?.readableBytes,
                byteCount: message.byteCount
            )
            if let headers = message.headers { buffer.writeImmutableBuffer(headers) }
        }
        self.waiting.parts.append(message.payload)
        self.waiting.size.byteCount += message.payload.readableBytes
        self.waiting.parts.append(ByteBuffer())
        self.append { $0.writeStaticString("\r\n") }
    }

    // MARK: Other operations

    /// Takes the beginning or the end of a subscription.
    package mutating func send(_ operation: NATSClientOperation) {
        guard self.state == .connected else { return }
        self.append { $0.writeNATS(operation) }
    }

    private mutating func append(_ write: (inout ByteBuffer) -> Void) {
        if self.waiting.parts.isEmpty { self.waiting.parts.append(ByteBuffer()) }
        let last = self.waiting.parts.count - 1
        let before = self.waiting.parts[last].readableBytes
        write(&self.waiting.parts[last])
        self.waiting.size.byteCount += self.waiting.parts[last].readableBytes - before
    }

    // MARK: Connection

    /// Takes everything that waits, to be written.
    package mutating func take() -> Batch? {
        guard self.state == .connected, self.waiting.size.byteCount > 0 else { return nil }
        let batch = self.waiting
        self.waiting = Batch()
        self.inFlight += batch.size.byteCount
        return batch
    }

    /// Learns that what was taken is with the system.
    package mutating func written(_ batch: BatchSize) { self.inFlight -= batch.byteCount }

    /// Learns that what was taken, or a part of it, is lost with its connection.
    package mutating func lost(_ batch: BatchSize) {
        self.inFlight -= batch.byteCount
        self.lostMessages += batch.messageCount
    }

    /// Learns that the connection is ready.
    ///
    /// - Parameters:
    ///   - info: What the server says about itself.
    ///   - subscriptions: All that there are; they are sent before anything that waited.
    package mutating func connected(
        _ info: NATSServerInfo,
        subscriptions: some Sequence<(UInt64, GRIPNATSSubjectPattern)>
    ) {
        guard self.state == .disconnected else { return }
        self.info = info
        self.state = .connected
        for (id, pattern) in subscriptions { self.append { $0.writeNATS(.subscribe(id, pattern)) } }
        let kept = self.kept
        self.forgetKept()
        for message in kept {
            if self.refusal(of: message) == nil { self.write(message) } else { self.lostMessages += 1 }
        }
    }

    private mutating func forgetKept() {
        self.kept = []
        self.keptCost = 0
    }

    /// Learns what the server has new to say about itself.
    package mutating func infoChanged(_ info: NATSServerInfo) { self.info = info }

    /// Learns that the connection is lost, with all that waited.
    package mutating func disconnected() {
        guard self.state == .connected else { return }
        self.lostMessages += self.waiting.size.messageCount
        self.waiting = Batch()
        self.state = .disconnected
    }

    /// Learns that there will be no other connection.
    package mutating func closed() {
        self.disconnected()
        self.lostMessages += self.kept.count
        self.forgetKept()
        self.state = .closed
    }
}
