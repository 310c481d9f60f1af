import NIOCore

/// Reaches what belongs to an event loop from everywhere.
struct LoopReference: Sendable {
    let eventLoop: any EventLoop
    let inbox: DeliveryInbox
    private let box: NIOLoopBoundBox<ProxyLoop>

    init(_ loop: sending ProxyLoop, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.inbox = loop.inbox
        self.box = NIOLoopBoundBox.makeBoxSendingValue(loop, eventLoop: eventLoop)
    }

    /// The loop's own things.
    ///
    /// Only on that loop.
    var value: ProxyLoop { self.box.value }

    /// Does something on the loop, at once when that is where the caller is.
    func run(_ body: @escaping @Sendable (ProxyLoop) -> Void) {
        if self.eventLoop.inEventLoop { body(self.box.value) } else { self.eventLoop.execute { body(self.box.value) } }
    }

    /// Asks the loop for something, in order with what else is done there.
    func ask<Answer: Sendable>(_ body: @escaping @Sendable (ProxyLoop) -> Answer) -> EventLoopFuture<Answer> {
        let answer = self.eventLoop.makePromise(of: Answer.self)
        self.run { answer.succeed(body($0)) }
        return answer.futureResult
    }

    /// Asks the loop for something that takes it a while, and lets others have their turns between several of these.
    func askInTurn<Answer: Sendable>(_ body: @escaping @Sendable (ProxyLoop) -> Answer) -> EventLoopFuture<Answer> {
        let answer = self.eventLoop.makePromise(of: Answer.self)
        self.run { loop in loop.turns.add(Question(answer) { body(loop) }) }
        return answer.futureResult
    }
}
