import AsyncHTTPClient
import GRIP
package import NIOCore
import Synchronization

/// What is known of one attempt, and the gate that its body passes through.
///
/// Whether an attempt may be repeated hangs on whether anything of its body was sent. The errors of a client do not
/// tell reliably, so the client is given a body that it must ask for, which it does once it has a connection: either
/// ``begin()`` comes first, or ``withdraw()``, and then the body is never sent.
package final class ControlExchange: Sendable {
    /// How much of an answer is kept where only an excerpt is taken from it.
    static let excerptBytes = 4096
    /// How much of an answer is read, so that the connection can be used again.
    static let readBytes = 65_536

    struct Answer: Sendable {
        var status: Int
        /// Whether the client followed a redirect on its own.
        var wasRedirected: Bool
        /// Why the proxy's bus did not take all, where the proxy says so.
        var busRefusal: GRIPBusAcceptance.Refusal?
        var body = ByteBuffer()
    }

    private enum Gate { case closed, passed, withdrawn }

    private struct State {
        var gate = Gate.closed
        var answer: Answer?
    }

    private let state = Mutex(State())

    private let keptBytes: Int

    package convenience init() { self.init(keptBytes: Self.excerptBytes) }

    /// Makes an exchange.
    ///
    /// - Parameter keptBytes: How much of an answer is kept.
    init(keptBytes: Int) { self.keptBytes = keptBytes }

    /// Lets the body pass.
    ///
    /// - Returns: False when it is withdrawn and must not be sent.
    package func begin() -> Bool {
        self.state.withLock { state in
            if state.gate == .closed { state.gate = .passed }
            return state.gate == .passed
        }
    }

    /// Withdraws the body, unless it has passed.
    ///
    /// - Returns: Whether nothing of it was sent, nor will be.
    @discardableResult
    package func withdraw() -> Bool {
        self.state.withLock { state in
            if state.gate == .closed { state.gate = .withdrawn }
            return state.gate == .withdrawn
        }
    }

    /// The answer as far as it came.
    var answer: Answer? { self.state.withLock { $0.answer } }

    func received(_ answer: Answer) { self.state.withLock { $0.answer = answer } }

    func received(_ bytes: ByteBuffer) {
        self.state.withLock { state in
            let room = self.keptBytes - (state.answer?.body.readableBytes ?? 0)
            state.answer?.body.writeBytes(bytes.readableBytesView.prefix(room))
        }
    }
}

/// A request body in one piece, which passes the gate of an exchange.
package struct GatedBody: AsyncSequence, Sendable {
    let bytes: ByteBuffer
    let exchange: ControlExchange

    package init(bytes: ByteBuffer, exchange: ControlExchange) {
        self.bytes = bytes
        self.exchange = exchange
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var bytes: ByteBuffer?
        fileprivate let exchange: ControlExchange

        package mutating func next() async throws -> ByteBuffer? {
            guard let bytes = self.bytes.take() else { return nil }
            guard self.exchange.begin() else { throw CancellationError() }
            return bytes
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: self.bytes, exchange: self.exchange) }
}
