import NIOCore

/// Something that an event loop is asked, and answers when it is this question's turn.
final class Question<Answer: Sendable>: TurnTaker {
    private let answer: EventLoopPromise<Answer>
    private let body: () -> Answer
    private var isAnswered = false

    init(_ answer: EventLoopPromise<Answer>, _ body: @escaping () -> Answer) {
        self.answer = answer
        self.body = body
    }

    deinit {
        // An event loop that ends lets go of what it has not done.
        if !self.isAnswered { self.answer.fail(EventLoopError.shutdown) }
    }

    func takeTurn() -> Bool {
        self.isAnswered = true
        self.answer.succeed(self.body())
        return false
    }
}
