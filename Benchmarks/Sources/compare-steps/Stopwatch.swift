import CoreSteps
import ServerSteps

/// Times steps as Python's `timeit` does: the best of several rounds, each long enough for the clock.
struct Stopwatch {
    var rounds = 7
    var roundLength = Duration.milliseconds(100)

    /// The nanoseconds that one operation takes.
    func nanoseconds(_ step: Step) throws -> Double {
        func time(_ count: Int) throws -> Duration {
            try ContinuousClock().measure { for _ in 0..<count { try step.run() } }
        }
        var count = 1
        while try time(count) < self.roundLength { count *= 2 }
        var best = Double.infinity
        for _ in 0..<self.rounds { best = min(best, try time(count).nanoseconds / Double(count)) }
        return best
    }

    /// The nanoseconds that one operation of each step takes; the steps take turns, so that they can be subtracted.
    func nanoseconds(_ steps: [AsyncStep]) async throws -> [Double] {
        let clock = ContinuousClock()
        func time(_ step: AsyncStep, _ count: Int) async throws -> Duration {
            let start = clock.now
            for _ in 0..<count { try await step.run() }
            return clock.now - start
        }
        var counts: [Int] = []
        for step in steps {
            var count = 1
            while try await time(step, count) < self.roundLength { count *= 2 }
            counts.append(count)
        }
        var best = Array(repeating: Double.infinity, count: steps.count)
        for _ in 0..<self.rounds {
            for (index, step) in steps.enumerated() {
                let operations = Double(counts[index] * step.operationCount)
                best[index] = min(best[index], try await time(step, counts[index]).nanoseconds / operations)
            }
        }
        return best
    }
}

extension Duration {
    fileprivate var nanoseconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
    }
}
