import NIOCore

/// Which connections the control API has, so that those of strangers take no room from publishers.
///
/// A connection is a stranger's until it has made a request that is allowed: with the token, where there is one. When
/// there is no room, a new connection takes the place of the stranger's that has been there the longest.
package struct ControlAdmission: Sendable {
    /// Names a connection.
    package typealias ID = UInt64

    package enum Outcome: Sendable, Hashable {
        /// There is room.
        case admitted(ID)
        /// There is room once a stranger's connection is closed.
        case admittedInstead(ID, of: ID)
        case refused
    }

    private let maximum: Int
    private var lastID: ID = 0
    /// All connections, and whether each is a stranger's.
    private var connections: [ID: Bool] = [:]
    /// Strangers in the order in which they came, among others that are none any more.
    private var strangers = CircularBuffer<ID>()

    /// Makes room for connections.
    ///
    /// - Parameter maximum: How many there may be.
    package init(maximum: Int) { self.maximum = maximum }

    /// How many there are.
    package var count: Int { self.connections.count }

    /// Takes a new connection, if there is room or can be made.
    package mutating func add() -> Outcome {
        var former: ID?
        if self.connections.count >= self.maximum {
            guard let stranger = self.oldestStranger() else { return .refused }
            self.connections[stranger] = nil
            former = stranger
        }
        self.lastID += 1
        self.connections[self.lastID] = true
        self.strangers.append(self.lastID)
        return former.map { .admittedInstead(self.lastID, of: $0) } ?? .admitted(self.lastID)
    }

    /// Learns that a connection is a publisher's.
    package mutating func trust(_ id: ID) {
        guard self.connections[id] != nil else { return }
        self.connections[id] = false
        self.forgetOthers()
    }

    /// Learns that a connection is gone.
    package mutating func remove(_ id: ID) {
        self.connections[id] = nil
        self.forgetOthers()
    }

    private mutating func oldestStranger() -> ID? {
        while let id = self.strangers.popFirst() { if self.connections[id] == true { return id } }
        return nil
    }

    /// Forgets who is no stranger any more, before they are the most.
    private mutating func forgetOthers() {
        guard self.strangers.count > 2 * self.connections.count + 16 else { return }
        self.strangers = CircularBuffer(self.strangers.filter { self.connections[$0] == true })
    }
}
