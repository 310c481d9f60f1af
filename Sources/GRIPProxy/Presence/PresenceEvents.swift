import GRIP
import NIOCore

/// The members of a channel and then what changes, as server-sent events.
struct PresenceEvents: ControlEventSource {
    let watch: PresenceWatch
    /// What is done when nobody reads any more.
    let onEnd: @Sendable () -> Void

    func next() -> ControlEvent {
        switch self.watch.next() {
        case .change(let change): .piece(Self.event(change))
        case .none: .none
        case .end: .end
        }
    }

    func whenReady(_ body: @escaping @Sendable () -> Void) { self.watch.whenReady(body) }

    func cancel() {
        self.watch.cancel()
        self.onEnd()
    }

    /// An event; its data is one line of JSON.
    private static func event(_ change: GRIPPresenceChange) -> ByteBuffer {
        let json = change.json
        var bytes = ByteBuffer()
        bytes.reserveCapacity(json.readableBytes + 32)
        bytes.writeString("event: \(change.name)\ndata: ")
        bytes.writeImmutableBuffer(json)
        bytes.writeStaticString("\n\n")
        return bytes
    }
}
