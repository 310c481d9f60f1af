import GRIP
import GRIPEngine
import NIOCore

/// Who has become a member of a channel on an event loop, or is it no more: told once a turn.
final class PresenceNotes {
    private let center: PresenceCenter
    private let eventLoop: any EventLoop
    private var changes: [PresenceChange] = []

    init(_ center: PresenceCenter, eventLoop: any EventLoop) {
        self.center = center
        self.eventLoop = eventLoop
    }

    func joined(_ member: GRIPMember, _ channel: String, by subscriber: SubscriberIdentity) {
        self.add(
            PresenceChange(
                channel: channel,
                subscriber: subscriber,
                kind: .joined(member, at: WallClock.milliseconds)
            )
        )
    }

    func left(_ channel: String, by subscriber: SubscriberIdentity, _ end: SubscriptionEnd) {
        self.add(PresenceChange(channel: channel, subscriber: subscriber, kind: .left(end)))
    }

    private func add(_ change: PresenceChange) {
        self.changes.append(change)
        guard self.changes.count == 1 else { return }
        self.eventLoop.assumeIsolated().execute { self.tell() }
    }

    /// Learns that connections will be ended.
    func beginShutdown() { self.center.beginShutdown() }

    /// Tells what has been noted, if anything has.
    func tell() {
        guard !self.changes.isEmpty else { return }
        let changes = self.changes
        self.changes = []
        self.center.note(changes)
    }
}
