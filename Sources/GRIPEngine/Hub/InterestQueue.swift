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

    /// Changes of one kind that follow each other.
    private struct Run {
        let isInterest: Bool
        var names: [String]
    }

    private var runs = CircularBuffer<Run>()
    private var isBusy = false

    package init() {}

    /// Adds what has changed; other effects are not about interest.
    package mutating func add(_ effect: ChannelHub.Effect) {
        switch effect {
        case .interest(let name): self.append(name, isInterest: true)
        case .noInterest(let name): self.append(name, isInterest: false)
        case .deliver, .lookAgain: return
        }
    }

    /// Adds a call.
    package mutating func add(_ call: Call) {
        switch call {
        case .attend(let names): for name in names { self.append(name, isInterest: true) }
        case .ignore(let names): for name in names { self.append(name, isInterest: false) }
        }
    }

    private mutating func append(_ name: String, isInterest: Bool) {
        guard self.runs.last?.isInterest == isInterest else {
            return self.runs.append(Run(isInterest: isInterest, names: [name]))
        }
        // Taken out, so that its names are not copied for each one more.
        var run = self.runs.removeLast()
        run.names.append(name)
        self.runs.append(run)
    }

    /// Whether there is something to be told and nobody is at it: then the caller is, until ``next()`` has no more.
    package mutating func begin() -> Bool {
        guard !self.isBusy, !self.runs.isEmpty else { return false }
        self.isBusy = true
        return true
    }

    /// The next call, or `nil` when all is told.
    package mutating func next() -> Call? {
        guard let run = self.runs.popFirst() else {
            self.isBusy = false
            return nil
        }
        return run.isInterest ? .attend(run.names) : .ignore(run.names)
    }
}
