import GRIP
import GRIPEngine
import NIOCore

/// The one way in for items: from publishers of the control API and the program that runs the proxy.
///
/// One rule holds for all. Items are taken in the order in which they come, and with more than
/// ``GRIPProxyServerConfiguration/Limits/publishedBytes`` on the way to the connections of clients, their publishers
/// wait. Nothing is thrown away.
final class PublishIngress: Sendable {
    private let hub: ProxyHub
    private let backlog: PublishBacklog

    init(_ hub: ProxyHub) {
        self.hub = hub
        self.backlog = hub.backlog
    }

    /// Takes the items of a connection, which sends no others before it has its answer.
    ///
    /// - Parameters:
    ///   - publications: The items and their channels, in order.
    ///   - eventLoop: Where the publisher's connection is.
    /// - Returns: When the publisher may have its answer, or `nil` when that is now.
    func publish(_ publications: [GRIPPublication], on eventLoop: any EventLoop) -> EventLoopFuture<Void>? {
        self.hub.publish(publications)
        return self.backlog.room(on: eventLoop)
    }

    /// Takes the items of a connection that wants to know how many others have got each of them.
    ///
    /// The answer comes when the items have been handed out, so that it waits for them in any case.
    func publishCounting(
        _ publications: [GRIPPublication],
        on eventLoop: any EventLoop
    ) -> EventLoopFuture<[CountByKind]> {
        self.hub.publishCounting(publications).hop(to: eventLoop)
    }

    /// Takes the items of a task, and returns when there is room for more.
    ///
    /// Of tasks there can be any number, so that they wait before their items are taken as well as after.
    func publish(_ publications: [GRIPPublication]) async {
        var isDelayed = false
        await self.waitForRoom(&isDelayed)
        self.hub.publish(publications)
        await self.waitForRoom(&isDelayed)
    }

    /// Takes the items of a task that wants to know how many others have got each of them.
    func publishCounting(_ publications: [GRIPPublication]) async throws -> [CountByKind] {
        var isDelayed = false
        await self.waitForRoom(&isDelayed)
        return try await self.hub.publishCounting(publications).get()
    }

    /// Takes items if there is room for them.
    ///
    /// - Returns: Whether they are taken.
    func enqueue(_ publications: [GRIPPublication]) -> Bool {
        let byteCount = publications.reduce(0) { $0 + $1.approximateByteCount }
        guard self.backlog.hasRoom(for: byteCount) else { return false }
        self.hub.publish(publications)
        return true
    }

    private func waitForRoom(_ isDelayed: inout Bool) async {
        while let room = self.backlog.room(on: self.hub.eventLoop, isCounted: !isDelayed) {
            isDelayed = true
            // Nobody fails it.
            do { try await room.get() } catch { return }
        }
    }
}
