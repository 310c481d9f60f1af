import GRIP
import GRIPEngine
import NIOCore

/// Presence as a program in the same process asks for it.
struct ProxyPresence: GRIPPresence {
    let center: PresenceCenter

    func members(of channel: String) async throws(GRIPPresenceError) -> GRIPPresenceSnapshot {
        try await withCheckedContinuation { continuation in
            self.center.members(of: channel) { continuation.resume(returning: $0) }
        }.get()
    }

    func changes(of channel: String) -> GRIPPresenceChanges {
        GRIPPresenceChanges(PresenceSequence(center: self.center, channel: channel))
    }

    func kick(_ key: String, from channel: String) async throws(GRIPPresenceError) {
        let refusal = await withCheckedContinuation { continuation in
            self.center.kick(key, from: channel) { continuation.resume(returning: $0) }
        }
        if let refusal { throw .notToldOthers(reason: refusal) }
    }
}

/// The members of a channel and then what changes.
private struct PresenceSequence: AsyncSequence, Sendable {
    typealias Element = GRIPPresenceChange
    typealias Failure = GRIPPresenceError

    let center: PresenceCenter
    let channel: String

    func makeAsyncIterator() -> Iterator {
        Iterator(watch: Result { () throws(GRIPPresenceError) in try self.center.watch(self.channel) })
    }

    struct Iterator: AsyncIteratorProtocol {
        let watch: Result<PresenceWatch, GRIPPresenceError>

        func next(isolation actor: isolated (any Actor)?) async throws(GRIPPresenceError) -> GRIPPresenceChange? {
            let watch = try self.watch.get()
            while true {
                switch watch.next() {
                case .change(let change): return change
                case .end: return nil
                case .none:
                    await withTaskCancellationHandler {
                        await withCheckedContinuation { continuation in watch.whenReady { continuation.resume() } }
                    } onCancel: {
                        watch.cancel()
                    }
                }
            }
        }
    }
}

extension PresenceCenter {
    /// How long a list waits for other instances.
    private static let patience = TimeAmount.seconds(1)

    /// Finds out who is on a channel, and waits for other instances where that is needed.
    ///
    /// - Parameters:
    ///   - channel: The channel with the route's prefix.
    ///   - body: What is done with the answer, on any thread, once.
    func members(
        of channel: String,
        then body: @escaping @Sendable (Result<GRIPPresenceSnapshot, GRIPPresenceError>) -> Void
    ) {
        let watch: PresenceWatch
        do throws(GRIPPresenceError) {
            watch = try self.watch(channel)
        } catch {
            return body(.failure(error))
        }
        if case .change(.snapshot(let snapshot)) = watch.next() { return body(.success(snapshot)) }
        let isReady = self.eventLoop.makePromise(of: Void.self)
        let timer = self.eventLoop.scheduleTask(in: Self.patience) { isReady.succeed() }
        watch.whenReady { isReady.succeed() }
        isReady.futureResult.whenComplete { _ in
            timer.cancel()
            body(.success(watch.snapshot()))
            watch.cancel()
        }
    }
}
