import GRIP
import GRIPServerSentEvents
import NIOCore

/// The members of a channel and then what changes, as server-sent events.
struct PresenceEvents: ControlEventSource {
    let watch: PresenceWatch
    /// What is done when nobody reads any more.
    let onEnd: @Sendable () -> Void

    func next() -> ControlEvent {
        switch self.watch.next() {
        case .change(let change):
            .piece(ServerSentEvent(unchecked: change.name, data: String(buffer: change.json)).bytes)
        case .none: .none
        case .end: .end
        }
    }

    func whenReady(_ body: @escaping @Sendable () -> Void) { self.watch.whenReady(body) }

    func cancel() {
        self.watch.cancel()
        self.onEnd()
    }
}
