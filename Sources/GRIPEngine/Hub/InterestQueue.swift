import NIOCore

/// What a bus is still to be told about the interest of this process, in order.
///
/// One of several threads tells it at a time, so that the order is the one in which the interest has changed. The others
/// add what has changed and go on.
package struct InterestQueue: Sendable {
    /// One call of the bus.
    package enum Call: Sendable, Hashable {
        case attend([String])
        case ignore([String])
    }

    private var calls = CircularBuffer<Call>()
    private var isBusy = false

    package init() {}

    /// Adds what has changed; other effects are not about interest.
    package mutating func add(_ effect: ChannelHub.Effect) {
        switch (effect, self.calls.last) {
        case (.interest(let name), .attend(let names)): self.replaceLast(with: .attend(names + [name]))
        case (.interest(let name), _): self.calls.append(.attend([name]))
        case (.noInterest(let name), .ignore(let names)): self.replaceLast(with: .ignore(names + [name]))
        case (.noInterest(let name), _): self.calls.append(.ignore([name]))
        case (.deliver, _), (.lookAgain, _): return
        }
    }

    private mutating func replaceLast(with call: Call) {
        self.calls.removeLast()
        self.calls.append(call)
    }

    /// Whether there is something to be told and nobody is at it: then the caller is, until ``next()`` has no more.
    package mutating func begin() -> Bool {
        guard !self.isBusy, !self.calls.isEmpty else { return false }
        self.isBusy = true
        return true
    }

    /// The next call, or `nil` when all is told.
    package mutating func next() -> Call? {
        let call = self.calls.popFirst()
        if call == nil { self.isBusy = false }
        return call
    }
}
