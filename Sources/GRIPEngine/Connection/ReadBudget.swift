/// How much of a connection is read at a time, by what the bytes turn out to be.
///
/// The same number of bytes can be one piece of a body or ten thousand. Of a connection that sends many small things only
/// so much is read that they leave time for others; the rest waits in the system, and so does the sender.
package struct ReadBudget: Sendable {
    /// What things take, in about a third of a microsecond.
    package enum Cost {
        /// A piece of a body.
        package static let piece = 1
        /// A frame of a WebSocket.
        package static let frame = 3
        /// A request or a response.
        package static let message = 8
        /// A request of a publisher, with its items.
        package static let publish = 24
    }

    /// How much may come of one read.
    package static let perRead = 256
    /// The most bytes of a read.
    package static let maximumByteCount = 65_536
    /// After how many reads in a row of which little came more is read at a time.
    package static let calmReads = 32
    private static let maximumLevel: UInt8 = 7

    private var spent: UInt32 = 0
    /// How often the size of reads is halved.
    private var level: UInt8 = 0
    private var calm: UInt8 = 0

    package init() {}

    /// The most bytes that are read at a time, or `nil` where the connection is like any other.
    package var byteCount: Int? { self.level == 0 ? nil : Self.maximumByteCount >> Int(self.level) }

    /// Notes that something came.
    package mutating func spend(_ cost: Int) { self.spent &+= UInt32(truncatingIfNeeded: cost) }

    /// Ends a read.
    ///
    /// - Returns: Whether ``byteCount`` has changed.
    package mutating func endRead() -> Bool {
        let spent = Int(self.spent)
        self.spent = 0
        guard spent <= Self.perRead else {
            self.calm = 0
            let former = self.level
            var excess = spent
            while excess > Self.perRead, self.level < Self.maximumLevel {
                self.level += 1
                excess /= 2
            }
            return self.level != former
        }
        guard self.level > 0, spent < Self.perRead / 4 else {
            self.calm = 0
            return false
        }
        self.calm += 1
        guard self.calm == Self.calmReads else { return false }
        self.calm = 0
        self.level -= 1
        return true
    }
}
