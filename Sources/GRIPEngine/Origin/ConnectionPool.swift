import NIOCore

/// Which connection to an origin a request goes out on: an idle one, a new one, or one that is yet to become free.
///
/// A server is an address with a port. It has no more connections than the limit, under all names together. Further
/// requests wait, the oldest first.
///
/// An origin may end an idle connection while a request is on its way to it. So an idle connection is used for less time
/// than the origin keeps it, and for a request that must not be sent twice only right after its last response, unless the
/// origin has said that it keeps it for longer.
package struct ConnectionPool: Sendable {
    /// How many connections are closed, and requests refused, at a time.
    package static let sliceSize = 64

    /// Up to how long an idle connection is kept because the server says that it keeps it.
    private static let longestPromise: Duration = .seconds(15)

    package let limits: Limits
    private var places: [Place?] = []
    private var freePlaces: [Int] = []
    private var placeIndices: [Address: Int] = [:]
    private var connections: [Connection] = []
    private var freeIDs: [ConnectionID] = []
    private var withdrawn: Set<Ticket> = []
    private var lastTicket: Ticket = 0
    /// How many connections there are, those that are being made or closed among them.
    package private(set) var connectionCount = 0
    /// How many connections were to be made.
    package private(set) var openedCount = 0
    /// How many requests have had to wait.
    package private(set) var waitedCount = 0
    /// How many connections were not used for too long.
    package private(set) var expiredCount = 0

    package init(_ limits: Limits) { self.limits = limits }

    /// How many requests wait.
    package var waitingCount: Int {
        self.places.reduce(0) { $0 + ($1?.waitingCount ?? 0) } - self.withdrawn.count
    }

    // MARK: Requests

    /// Finds a connection for a request.
    package mutating func ask(_ wish: Wish, now: EngineTime) -> Answer {
        let index = self.place(of: wish.server)
        if let answer = self.serve(wish, at: index, now: now) { return answer }
        self.forgetWithdrawn(at: index)
        guard let place = self.places[index], place.waitingCount < self.limits.waiting else { return .refuse }
        self.lastTicket += 1
        self.waitedCount += 1
        let waiting = Waiting(ticket: self.lastTicket, wish: wish, deadline: now + self.limits.waitTime)
        if wish.isAwaited {
            self.places[index]?.awaited.append(waiting)
        } else {
            self.places[index]?.unawaited.append(waiting)
        }
        return .wait(self.lastTicket)
    }

    /// Learns that a request that waits is of no use any more.
    package mutating func withdraw(_ ticket: Ticket) { self.withdrawn.insert(ticket) }

    private mutating func serve(_ wish: Wish, at index: Int, now: EngineTime) -> Answer? {
        if !wish.isAwaited, self.unawaitedCount(at: index) >= self.limits.unawaited { return nil }
        if let id = self.takeIdle(for: wish, at: index, now: now) {
            self.begin(id, wish, at: index)
            return .use(id)
        }
        if let count = self.places[index]?.count, count < self.limits.connections {
            return .connect(self.add(wish, at: index), closing: nil)
        }
        guard let oldest = self.places[index]?.idle.first?.id else { return nil }
        self.places[index]?.idle.removeFirst()
        self.places[index]?.count -= 1
        self.connections[oldest].state = .leaving
        return .connect(self.add(wish, at: index), closing: oldest)
    }

    private func unawaitedCount(at index: Int) -> Int { self.places[index]?.unawaitedCount ?? 0 }

    /// Takes the idle connection that was used last, if it will do.
    private mutating func takeIdle(for wish: Wish, at index: Int, now: EngineTime) -> ConnectionID? {
        guard !wish.isFresh,
            let position = self.places[index]?.idle.lastIndex(where: { $0.serves(wish, now: now) })
        else { return nil }
        return self.places[index]?.idle.remove(at: position).id
    }

    private mutating func begin(_ id: ConnectionID, _ wish: Wish, at index: Int) {
        self.connections[id].state = .busy
        self.connections[id].isAwaited = wish.isAwaited
        if !wish.isAwaited { self.places[index]?.unawaitedCount += 1 }
    }

    private mutating func add(_ wish: Wish, at index: Int) -> ConnectionID {
        let id: ConnectionID
        if let free = self.freeIDs.popLast() {
            id = free
        } else {
            id = self.connections.count
            self.connections.append(Connection())
        }
        self.connections[id] = Connection(place: index, server: wish.server)
        self.places[index]?.count += 1
        self.connectionCount += 1
        self.openedCount += 1
        self.begin(id, wish, at: index)
        return id
    }

    // MARK: Connections

    /// Takes back a connection whose request is done, and gives it to one that waits.
    ///
    /// - Parameters:
    ///   - id: The connection.
    ///   - keepAlive: What the origin has said about it with the response.
    ///   - now: The time.
    package mutating func release(_ id: ConnectionID, _ keepAlive: OriginKeepAlive, now: EngineTime) -> Released {
        guard self.connections[id].state == .busy, let server = self.connections[id].server else { return .close }
        let index = self.connections[id].place
        self.connections[id].responseCount += 1
        guard self.takesMore(id, keepAlive) else { return .close }
        self.endRequest(id, at: index)
        if let next = self.nextWaiting(at: index), next.wish.server == server, !next.wish.isFresh {
            self.drop(next, at: index)
            self.begin(id, next.wish, at: index)
            return .next(next.ticket)
        } else if self.nextWaiting(at: index) != nil {
            // What waits needs another connection, which is made when this one is gone.
            return .close
        }
        let promised = keepAlive.usableTime
        let end =
            now + (promised.map { min($0, max(Self.longestPromise, self.limits.idleTime)) } ?? self.limits.idleTime)
        let freshEnd = promised.map { now + $0 } ?? now + self.limits.freshTime
        self.connections[id].state = .idle
        self.places[index]?.idle.append(Idle(id: id, server: server, since: now, end: end, freshEnd: freshEnd))
        return .kept
    }

    /// Whether the server takes another request on a connection.
    private mutating func takesMore(_ id: ConnectionID, _ keepAlive: OriginKeepAlive) -> Bool {
        if let timeout = keepAlive.timeout, timeout <= .zero { return false }
        guard let maximum = keepAlive.maximum else { return true }
        // Some count down to what is left, some always name the same number.
        self.connections[id].maximum = max(self.connections[id].maximum, maximum)
        return maximum > 0 && self.connections[id].responseCount < self.connections[id].maximum
    }

    private mutating func endRequest(_ id: ConnectionID, at index: Int) {
        if !self.connections[id].isAwaited {
            self.connections[id].isAwaited = true
            self.places[index]?.unawaitedCount -= 1
        }
    }

    /// Learns that a connection is gone, or could not be made.
    ///
    /// - Returns: The request that gets one in its place; no value when none waits.
    package mutating func remove(_ id: ConnectionID, now: EngineTime) -> Turn? {
        let connection = self.connections[id]
        guard connection.state != .none else { return nil }
        let index = connection.place
        self.endRequest(id, at: index)
        switch connection.state {
        case .idle: self.places[index]?.idle.removeAll { $0.id == id }
        case .busy, .leaving, .none: break
        }
        if connection.state != .leaving { self.places[index]?.count -= 1 }
        self.connections[id] = Connection()
        self.freeIDs.append(id)
        self.connectionCount -= 1
        defer { self.forgetIfEmpty(index) }
        guard let next = self.nextWaiting(at: index), let answer = self.serve(next.wish, at: index, now: now) else {
            return nil
        }
        self.drop(next, at: index)
        return Turn(ticket: next.ticket, answer: answer)
    }

    // MARK: Waiting

    /// The request whose turn it is: the oldest, of those that may have a connection.
    private mutating func nextWaiting(at index: Int) -> Waiting? {
        self.dropWithdrawn(at: index)
        let mayHave = self.unawaitedCount(at: index) < self.limits.unawaited
        let unawaited = mayHave ? self.places[index]?.unawaited.first : nil
        guard let awaited = self.places[index]?.awaited.first else { return unawaited }
        guard let unawaited else { return awaited }
        return unawaited.ticket < awaited.ticket ? unawaited : awaited
    }

    private mutating func drop(_ waiting: Waiting, at index: Int) {
        if waiting.wish.isAwaited {
            self.places[index]?.awaited.removeFirst()
        } else {
            self.places[index]?.unawaited.removeFirst()
        }
    }

    /// Drops those at the front that are of no use any more.
    private mutating func dropWithdrawn(at index: Int) {
        guard !self.withdrawn.isEmpty else { return }
        while let first = self.places[index]?.awaited.first, self.withdrawn.remove(first.ticket) != nil {
            self.places[index]?.awaited.removeFirst()
        }
        while let first = self.places[index]?.unawaited.first, self.withdrawn.remove(first.ticket) != nil {
            self.places[index]?.unawaited.removeFirst()
        }
    }

    /// Drops all that are of no use any more, when the queue is full of them.
    private mutating func forgetWithdrawn(at index: Int) {
        guard !self.withdrawn.isEmpty, var place = self.places[index], place.waitingCount >= self.limits.waiting else {
            return
        }
        place.awaited.removeAll { self.withdrawn.remove($0.ticket) != nil }
        place.unawaited.removeAll { self.withdrawn.remove($0.ticket) != nil }
        self.places[index] = place
    }

    // MARK: Time

    /// Gives what is due, a slice of it where there is much.
    package mutating func expire(at now: EngineTime) -> Expired {
        var expired = Expired()
        for index in self.places.indices where self.places[index] != nil {
            self.expireIdle(at: index, now: now, &expired)
            self.expireWaiting(at: index, now: now, &expired)
            self.forgetIfEmpty(index)
        }
        return expired
    }

    private mutating func expireIdle(at index: Int, now: EngineTime, _ expired: inout Expired) {
        guard let idle = self.places[index]?.idle, idle.contains(where: { now >= $0.end }) else { return }
        var kept: [Idle] = []
        kept.reserveCapacity(idle.count)
        for connection in idle {
            guard now >= connection.end else {
                kept.append(connection)
                continue
            }
            guard expired.connections.count < Self.sliceSize else {
                expired.hasMore = true
                kept.append(connection)
                continue
            }
            expired.connections.append(connection.id)
            self.connections[connection.id].state = .leaving
            self.expiredCount += 1
        }
        self.places[index]?.count -= idle.count - kept.count
        self.places[index]?.idle = kept
    }

    private mutating func expireWaiting(at index: Int, now: EngineTime, _ expired: inout Expired) {
        self.dropWithdrawn(at: index)
        while let first = self.places[index]?.awaited.first, now >= first.deadline {
            guard expired.tickets.count < Self.sliceSize else { return expired.hasMore = true }
            self.places[index]?.awaited.removeFirst()
            self.add(first.ticket, to: &expired)
        }
        while let first = self.places[index]?.unawaited.first, now >= first.deadline {
            guard expired.tickets.count < Self.sliceSize else { return expired.hasMore = true }
            self.places[index]?.unawaited.removeFirst()
            self.add(first.ticket, to: &expired)
        }
    }

    private mutating func add(_ ticket: Ticket, to expired: inout Expired) {
        if self.withdrawn.remove(ticket) == nil { expired.tickets.append(ticket) }
    }

    // MARK: Servers

    private mutating func place(of server: OriginServer) -> Int {
        let address = Address(host: server.host, port: server.port)
        if let index = self.placeIndices[address] { return index }
        let index: Int
        if let free = self.freePlaces.popLast() {
            index = free
            self.places[index] = Place(address: address)
        } else {
            index = self.places.count
            self.places.append(Place(address: address))
        }
        self.placeIndices[address] = index
        return index
    }

    private mutating func forgetIfEmpty(_ index: Int) {
        guard let place = self.places[index], place.isEmpty else { return }
        self.places[index] = nil
        self.placeIndices[place.address] = nil
        self.freePlaces.append(index)
    }
}
