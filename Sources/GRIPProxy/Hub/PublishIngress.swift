import GRIP
import GRIPEngine
import NIOCore

/// The one way in for items: from publishers of the control API, the program that runs the proxy, and other instances.
///
/// One rule holds for all. Items are taken in the order in which they come, and with more than
/// ``GRIPProxyServerConfiguration/Limits/publishedBytes`` on the way to the connections of clients, their publishers
/// wait. Nothing of theirs is thrown away. What is published here goes to the clients of this process first, and then to
/// the bus; what comes from there goes nowhere else.
final class PublishIngress: Sendable {
    private let hub: ProxyHub
    private let bus: ProxyBus?
    private let backlog: PublishBacklog

    init(_ hub: ProxyHub, bus: ProxyBus? = nil) {
        self.hub = hub
        self.bus = bus
        self.backlog = hub.backlog
    }

    // MARK: Publishers

    /// What a publisher is to know of items that are taken.
    struct Receipt {
        /// When the publisher may have its answer, or `nil` when that is now.
        var room: EventLoopFuture<Void>?
        /// Why other instances do not get all of them, or `nil` when they do.
        var busRefusal: GRIPBusAcceptance.Refusal?
    }

    /// What became of items whose publisher wants to know it.
    struct Count: Sendable {
        /// How many connections have got each of them.
        var deliveries: [CountByKind] = []
        /// Why other instances do not get all of them, or `nil` when they do.
        var busRefusal: GRIPBusAcceptance.Refusal?
    }

    /// Takes the items of a connection, which sends no others before it has its answer.
    ///
    /// - Parameters:
    ///   - publications: The items and their channels, in order.
    ///   - eventLoop: Where the publisher's connection is.
    func publish(_ publications: [GRIPPublication], on eventLoop: any EventLoop) -> Receipt {
        let refusal = self.take(publications, from: .control)
        return Receipt(room: self.backlog.room(on: eventLoop), busRefusal: refusal)
    }

    /// Takes the items of a connection that wants to know how many others have got each of them.
    ///
    /// The answer comes when the items have been handed out, so that it waits for them in any case.
    func publishCounting(_ publications: [GRIPPublication], on eventLoop: any EventLoop) -> EventLoopFuture<Count> {
        self.takeCounting(publications, from: .control).hop(to: eventLoop)
    }

    /// Takes the items of a task, and returns when there is room for more.
    ///
    /// Of tasks there can be any number, so that they wait before their items are taken as well as after.
    ///
    /// - Returns: Why other instances do not get all of them, or `nil` when they do.
    func publish(_ publications: [GRIPPublication]) async -> GRIPBusAcceptance.Refusal? {
        var isDelayed = false
        await self.waitForRoom(&isDelayed)
        let refusal = self.take(publications, from: .application)
        await self.waitForRoom(&isDelayed)
        return refusal
    }

    /// Takes the items of a task that wants to know how many others have got each of them.
    func publishCounting(_ publications: [GRIPPublication]) async throws -> Count {
        var isDelayed = false
        await self.waitForRoom(&isDelayed)
        return try await self.takeCounting(publications, from: .application).get()
    }

    /// Takes items if there is room for them.
    ///
    /// - Returns: Whether they are taken.
    func enqueue(_ publications: [GRIPPublication]) -> Bool {
        let byteCount = publications.reduce(0) { $0 + $1.approximateByteCount }
        guard self.backlog.hasRoom(for: byteCount) else { return false }
        _ = self.take(publications, from: .application)
        return true
    }

    // MARK: Other instances

    /// Takes items of other instances, unless there is far too much.
    ///
    /// Their publishers cannot be made to wait. A bus that waits itself has as much room as the publishers of this process.
    ///
    /// - Returns: Whether they are taken.
    func receive(_ publications: [GRIPPublication]) -> Bool {
        guard self.backlog.hasRoomForBus else { return false }
        _ = self.take(publications, from: .bus)
        return true
    }

    /// Whether nobody has to wait.
    var hasRoom: Bool { self.backlog.hasRoom() }

    /// Returns when nobody has to wait any more.
    func waitForRoom() async {
        var isDelayed = false
        await self.waitForRoom(&isDelayed)
    }

    // MARK: All

    private func take(
        _ publications: [GRIPPublication],
        from source: PublishSource
    ) -> GRIPBusAcceptance.Refusal? {
        self.hub.publish(publications, from: source)
        return source.goesToBus ? self.bus?.publish(publications) : nil
    }

    private func takeCounting(
        _ publications: [GRIPPublication],
        from source: PublishSource
    ) -> EventLoopFuture<Count> {
        let counts = self.hub.publishCounting(publications, from: source)
        let refusal = source.goesToBus ? self.bus?.publish(publications) : nil
        return counts.map { Count(deliveries: $0, busRefusal: refusal) }
    }

    private func waitForRoom(_ isDelayed: inout Bool) async {
        while let room = self.backlog.room(on: self.hub.eventLoop, isCounted: !isDelayed) {
            isDelayed = true
            // Nobody fails it.
            do { try await room.get() } catch { return }
        }
    }
}
