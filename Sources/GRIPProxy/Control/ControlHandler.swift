import GRIPEngine
import HTTPTypes
import NIOCore

/// A publisher's connection.
///
/// Requests are answered one after the other. While one waits for its answer, or the publisher does not take answers,
/// nothing more is read.
final class ControlHandler: ChannelDuplexHandler, SocketWriter {
    typealias InboundIn = HTTP1RequestReader.Part
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private enum State {
        case idle
        case reading(ControlHead)
        /// The request is there as a whole, the answer is not.
        case answering(ControlHead)
        /// The answer goes on; no other request follows.
        case streaming(ControlStream)
        /// The last answer is written; what still comes is of no interest.
        case ending
        case closed
    }

    /// What comes from the publisher.
    enum Event {
        case head(ControlHead)
        case body(ByteBuffer)
        case end
        case malformed(ControlResponse)
        case inputClosed
    }

    /// What a publisher gets whose items are taken and whose connection is kept.
    private static let publishedText = bytes(of: .published(.text))
    private static let publishedJSON = bytes(of: .published(.json))
    /// How many parts of requests wait at most; what follows them stays as it came, which takes far less memory.
    static let maximumWaiting = 16
    /// How long a publisher that is told to stop may go on sending.
    private static let lingering = TimeAmount.seconds(5)

    private let api: ControlAPI
    private let core: ProxyCore
    private let id: ControlAdmission.ID
    private var budget = ReadBudget()
    /// Whether a request was allowed.
    private var isTrusted = false
    private(set) var context: ChannelHandlerContext?
    var output: SocketOutput
    private var state = State.idle
    private var events = CircularBuffer<Event>()
    /// How many parts of requests wait.
    var waitingCount: Int { self.events.count }
    /// Whether what follows stays as it came, because enough waits here.
    private(set) var isPaused = false
    /// Whether the publisher's side was closed behind what stays as it came.
    private var isInputClosedLater = false
    private var decoder: HTTP1RequestDecoder?
    private weak var plainRequests: PlainControlRequestHandler?
    /// What has come of the body of the request that is read.
    private var body = ByteBuffer()
    /// Until when more of the body has to come.
    private var pace: BodyPace?
    /// The answer to the request that is read, when it is known before the end.
    private var earlyAnswer: ControlResponse?
    private var isFirst = true
    /// As the channel has said last.
    private var isWritable = true
    private var isTaking = false
    private var isDraining = false
    private var hasPendingRead = false
    private var deadline: NIODeadline?
    private var timer: (time: NIODeadline, task: Scheduled<Void>)?

    private init(api: ControlAPI, core: ProxyCore, id: ControlAdmission.ID, channel: any Channel) {
        self.api = api
        self.core = core
        self.id = id
        self.output = SocketOutput(past: channel)
    }

    /// Makes a new connection one for publishers.
    ///
    /// Called on the connection's event loop.
    static func install(on channel: any Channel, apis: ControlAPIs, core: ProxyCore) throws {
        guard let id = core.control.add(channel) else { throw ConnectionLimit.Reached() }
        channel.closeFuture.whenComplete { _ in core.control.remove(id) }
        let reader = HTTP1RequestReader(
            limits: HTTP1Limits(head: core.limits.controlHead, fields: 256),
            names: nil,
            stopsForUpgrades: false
        )
        let operations = channel.pipeline.syncOperations
        let handler = ControlHandler(api: apis.api(for: channel), core: core, id: id, channel: channel)
        let plainRequests = PlainControlRequestHandler(handler, headLimit: core.limits.controlHead)
        let decoder = HTTP1RequestDecoder(reader)
        handler.plainRequests = plainRequests
        handler.decoder = decoder
        try operations.addHandler(plainRequests)
        try operations.addHandler(decoder)
        try operations.addHandler(handler)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.restartDeadline()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        if case .streaming(let stream) = self.state { stream.cancel() }
        self.state = .closed
        self.timer?.task.cancel()
        self.context = nil
        self.decoder = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.close() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as ChannelEvent where event == .inputClosed:
            if self.isPaused { self.isInputClosedLater = true } else { self.receive(.inputClosed) }
        case is ChannelShouldQuiesceEvent: self.drain()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func drain() {
        self.isDraining = true
        switch self.state {
        case .idle where self.events.isEmpty: self.end(ByteBuffer(), isWhole: true)
        case .streaming(let stream): self.end(stream.finish(), isWhole: true)
        case .idle, .reading, .answering, .ending, .closed: break
        }
    }

    private func close() {
        if case .closed = self.state { return }
        if case .streaming(let stream) = self.state { stream.cancel() }
        self.state = .closed
        self.context?.close(promise: nil)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.receive(.head(ControlHead(head)))
        case .body(let bytes, let pieces):
            // The event that is received spends for one.
            self.budget.spend((pieces - 1) * ReadBudget.Cost.piece)
            self.receive(.body(bytes))
        case .end: self.receive(.end)
        case .malformed(let problem): self.receive(.malformed(ControlResponse(problem)))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.budget.endRead(of: context.channel) { self.core.control.countLimitedReads() }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if self.canTake || self.isEnding { context.read() } else { self.hasPendingRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.isWritable = context.channel.isWritable
        self.takeEvents()
        self.writeStream()
        context.fireChannelWritabilityChanged()
    }

    private var isEnding: Bool {
        if case .ending = self.state { true } else { false }
    }

    /// Whether the publisher may go on.
    private var canTake: Bool {
        switch self.state {
        case .idle, .reading: self.isWritable
        case .answering, .streaming, .ending, .closed: false
        }
    }

    private func receive(_ event: Event) {
        self.add(event)
        self.takeEvents()
    }

    /// Takes what has come, or keeps it until there is room for an answer; ``takeEvents()`` is to follow.
    func add(_ event: Event) {
        switch self.state {
        case .ending, .streaming:
            // What else comes is of no interest. Of a stream nobody reads, who sends nothing more.
            if case .inputClosed = event { self.close() }
        case .closed: break
        case .idle, .reading, .answering:
            guard self.events.isEmpty, !self.isTaking, self.canTake else { return self.keep(event) }
            self.isTaking = true
            self.take(event)
            self.isTaking = false
        }
    }

    private func keep(_ event: Event) {
        self.events.append(event)
        guard self.events.count >= Self.maximumWaiting else { return }
        self.isPaused = true
        self.decoder?.isPaused = true
    }

    /// Has what stayed as it came read, up to where enough waits again.
    private func resume() {
        guard self.isPaused else { return }
        self.isPaused = false
        self.decoder?.resume()
        if !self.isPaused { self.plainRequests?.resume() }
        guard !self.isPaused, self.isInputClosedLater else { return }
        self.isInputClosedLater = false
        self.add(.inputClosed)
    }

    /// Takes what waits, as far as there is room for answers.
    func takeEvents() {
        // An answer that is there at once, and room for the next one, lead back here.
        guard !self.isTaking else { return }
        self.isTaking = true
        let wasEnding = self.isEnding
        repeat {
            while self.canTake {
                if self.events.isEmpty { self.resume() }
                guard let event = self.events.popFirst() else { break }
                self.take(event)
            }
            self.flushOutput()
        } while self.canTake && !self.events.isEmpty
        self.isTaking = false
        // Whatever still comes at the end gives nobody more time.
        if !wasEnding { self.restartDeadline() }
        guard self.hasPendingRead, self.isEnding || self.canTake else { return }
        self.hasPendingRead = false
        self.context?.read()
    }

    private func take(_ event: Event) {
        switch event {
        case .head(let head):
            self.budget.spend(ReadBudget.Cost.publish)
            self.begin(head)
        case .body(let bytes):
            self.budget.spend(ReadBudget.Cost.piece)
            self.add(bytes)
        case .end: self.finish()
        case .malformed(let response): self.respond(response, to: nil, isWhole: false)
        case .inputClosed: self.end(ByteBuffer(), isWhole: true)
        }
    }

    // MARK: Requests

    private func begin(_ head: ControlHead) {
        self.isFirst = false
        switch self.api.check(head) {
        case .readBody(let count):
            self.trust()
            if count > 0, head.expectsContinue {
                self.addOutput(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
            }
        case .respond(let response) where response.closesConnection:
            return self.respond(response, to: head, isWhole: false)
        case .respond(let response): self.earlyAnswer = response
        }
        self.state = .reading(head)
        self.pace = BodyPace(
            pause: self.core.timeouts.requestBody,
            rate: self.core.limits.requestBodyRate,
            now: ProxyClock.now
        )
    }

    /// Notes that the connection is a publisher's.
    private func trust() {
        guard !self.isTrusted else { return }
        self.isTrusted = true
        self.core.control.trust(self.id)
    }

    private func add(_ bytes: ByteBuffer) {
        guard case .reading(let head) = self.state else { return }
        self.pace?.received(bytes.readableBytes, now: ProxyClock.now)
        if self.body.readableBytes > 0 {
            self.body.writeImmutableBuffer(bytes)
        } else if head.length == .bytes(bytes.readableBytes) {
            // All of it has come at once and can be read where it is.
            self.body = bytes
        } else {
            if case .bytes(let count) = head.length { self.body.reserveCapacity(min(count, 65_536)) }
            self.body.writeImmutableBuffer(bytes)
        }
    }

    private func finish() {
        guard case .reading(let head) = self.state else { return }
        let body = self.body
        self.body = ByteBuffer()
        if let answer = self.earlyAnswer.take() { return self.respond(answer, to: head) }
        self.answer(head, body)
    }

    /// Takes a request that has come as a whole, if nothing stands before it and it may have an answer.
    ///
    /// - Returns: Whether it is taken; otherwise it is to be added piece by piece.
    func take(_ head: ControlHead, _ body: ByteBuffer) -> Bool {
        guard case .idle = self.state, self.isWritable, !self.isTaking, self.events.isEmpty,
            case .readBody = self.api.check(head)
        else { return false }
        self.trust()
        self.budget.spend(ReadBudget.Cost.publish)
        self.isFirst = false
        self.isTaking = true
        self.answer(head, body)
        self.isTaking = false
        return true
    }

    private func answer(_ head: ControlHead, _ body: ByteBuffer) {
        guard let context = self.context else { return }
        switch self.core.answer(self.api.decide(ControlRequest(head, body: body)), on: context.eventLoop) {
        case .now(let response): self.respond(response, to: head)
        case .published(let format): self.respondPublished(format, to: head)
        case .stream(let source): self.begin(source, to: head)
        case .later(let response):
            self.state = .answering(head)
            response.assumeIsolated().whenComplete { result in
                guard case .answering(let head) = self.state else { return }
                switch result {
                case .success(let response): self.respond(response, to: head)
                case .failure: self.respond(.unavailable, to: head)
                }
                self.takeEvents()
            }
        }
    }

    // MARK: Streams

    private func begin(_ source: any ControlEventSource, to head: ControlHead) {
        guard !self.isDraining else {
            source.cancel()
            return self.respond(.unavailable, to: head)
        }
        let stream = ControlStream(source, isChunked: head.takesChunks)
        self.state = .streaming(stream)
        self.events.removeAll()
        self.isPaused = false
        self.decoder?.isPaused = false
        self.core.control.countOK()
        self.addOutput(stream.head())
        self.writeStream()
    }

    /// Writes what a stream has, for as long as the reader takes it.
    private func writeStream() {
        guard case .streaming(let stream) = self.state, let context = self.context else { return }
        var hasWritten = false
        while self.isWritable {
            let bytes = stream.read()
            if stream.isEnded { return self.end(bytes, isWhole: true) }
            if bytes.readableBytes > 0 { self.addOutput(bytes) }
            // Whether there is room is known afterwards.
            self.flushOutput()
            if bytes.readableBytes == 0 { break }
            // What is written may have led back here.
            guard !stream.isEnded else { return }
            hasWritten = true
        }
        if hasWritten { self.restartDeadline() }
        guard self.isWritable else { return }
        stream.whenReady(on: context.eventLoop) { [weak self] in self?.writeStream() }
    }

    // MARK: Answers

    /// Writes an answer and goes on.
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - head: The request, or nothing when it was none.
    ///   - isWhole: Whether the request has come to its end.
    private func respond(_ response: ControlResponse, to head: ControlHead?, isWhole: Bool = true) {
        self.core.control.count(response)
        if response.head.status.code >= 400 { self.core.logRefusal(response, of: head) }
        let keepsConnection = isWhole && !response.closesConnection && self.mayFollow(head)
        let bytes = Self.bytes(of: response, keepsConnection: keepsConnection, hasBody: head?.method != .head)
        if keepsConnection {
            self.state = .idle
            self.addOutput(bytes)
        } else {
            self.end(bytes, isWhole: isWhole)
        }
    }

    private func respondPublished(_ format: ControlFormat, to head: ControlHead) {
        guard self.mayFollow(head) else { return self.respond(.published(format), to: head) }
        self.core.control.countOK()
        self.state = .idle
        self.addOutput(format == .text ? Self.publishedText : Self.publishedJSON)
    }

    /// Whether another request may come after that one.
    private func mayFollow(_ head: ControlHead?) -> Bool {
        !self.isDraining && (head?.keepsConnection ?? false)
    }

    private static func bytes(
        of response: ControlResponse,
        keepsConnection: Bool = true,
        hasBody: Bool = true
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(response.body.readableBytes + 200)
        HTTP1ResponseHead(
            head: response.head,
            framing: .length(response.body.readableBytes),
            connection: keepsConnection ? nil : "close"
        ).write(to: &buffer)
        if hasBody { buffer.writeImmutableBuffer(response.body) }
        return buffer
    }

    /// Writes the last answer and closes the connection.
    ///
    /// A publisher that still sends would lose the answer if the connection were closed at once.
    private func end(_ bytes: ByteBuffer, isWhole: Bool) {
        guard let context = self.context else { return }
        self.state = .ending
        self.events.removeAll()
        self.isPaused = false
        self.decoder?.isPaused = false
        self.addOutput(bytes)
        self.flushOutput(in: context) {
            if isWhole { self.close() } else { self.context?.close(mode: .output, promise: nil) }
        }
        self.restartDeadline()
    }

    // MARK: Time

    /// Whether the publisher has got all answers and asked for nothing more.
    private var isAtRest: Bool {
        guard case .idle = self.state else { return false }
        return !self.isFirst && self.events.isEmpty && self.canTake
    }

    /// How long the publisher has for what comes next, or nothing while it waits for the proxy.
    private var period: TimeAmount? {
        let timeouts = self.core.timeouts
        guard self.isWritable else { return TimeAmount(timeouts.clientWrite) }
        return switch self.state {
        case .idle: TimeAmount(self.isFirst ? timeouts.requestHead : timeouts.keepAlive)
        case .reading: TimeAmount(timeouts.requestBody)
        case .ending: Self.lingering
        case .streaming: ControlStream.keepAlive
        case .answering, .closed: nil
        }
    }

    private func restartDeadline() {
        if let pace = self.currentPace {
            self.deadline = ProxyClock.deadline(pace.deadline)
        } else {
            self.deadline = self.period.map { .now() + $0 }
        }
        self.arm()
    }

    private var currentPace: BodyPace? {
        guard case .reading = self.state, self.isWritable else { return nil }
        return self.pace
    }

    /// Lets the loop wake this, at the latest at the deadline.
    ///
    /// A deadline that moves away costs nothing until it was due.
    private func arm() {
        guard let deadline = self.deadline, let context = self.context else { return }
        if let timer, timer.time <= deadline { return }
        self.timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            self.wake()
        }
        self.timer = (deadline, task)
    }

    private func wake() {
        guard let deadline = self.deadline else { return }
        guard NIODeadline.now() >= deadline else { return self.arm() }
        if case .streaming(let stream) = self.state, self.isWritable {
            self.addOutput(stream.makeComment())
            self.flushOutput()
            return self.restartDeadline()
        }
        let isAboutRate = self.currentPace?.isAboutRate ?? false
        self.core.control.count(self.isAtRest ? .idle : isAboutRate ? .rate : .timeout)
        self.close()
    }
}
