import Testing

@testable import GRIPTesting

/// Waiting for values.
@Suite struct WatchedTests {
    @Test func whatIsThereIsFoundAtOnce() async throws {
        let watched = Watched(5)
        #expect(try await watched.first(within: .zero) { $0 > 4 ? $0 : nil } == 5)
    }

    @Test func aWaitHasALimit() async throws {
        let watched = Watched(0)
        #expect(try await watched.first(within: .milliseconds(10)) { $0 > 0 ? $0 : nil } == nil)
    }

    @Test func everyWaiterSeesEveryChange() async throws {
        let watched = Watched(0)
        try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 1...50 {
                group.addTask { try await watched.first(within: .seconds(20)) { $0 >= number ? number : nil } }
            }
            for _ in 1...50 { watched.change { $0 += 1 } }
            var found: Set<Int> = []
            for try await number in group { if let number { found.insert(number) } }
            #expect(found == Set(1...50))
        }
    }

    @Test func whatOneTakesNoOtherGets() async throws {
        let watched = Watched(0)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 1...20 {
                group.addTask {
                    try await watched.first(within: .seconds(20)) { value -> Bool? in
                        guard value > 0 else { return nil }
                        value -= 1
                        return true
                    } ?? false
                }
            }
            for _ in 1...20 { watched.change { $0 += 1 } }
            for try await isTaken in group { #expect(isTaken) }
        }
        #expect(watched.value == 0)
    }

    @Test func aCancelledWaitEnds() async throws {
        let watched = Watched(0)
        let task = Task { try await watched.first(within: .seconds(60)) { $0 > 0 ? $0 : nil } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
