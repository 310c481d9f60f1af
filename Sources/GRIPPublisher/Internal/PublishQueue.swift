package import NIOCore

/// What waits to be published to one proxy, as a pure state machine: it is told what happens and answers what to do.
///
/// What is being sent counts towards the limits. When the proxy refuses a batch's content, nothing of it was published,
/// and its halves take its place; a publication that is refused alone is the bad one. So each publication is delivered
/// at most once, and in order.
package struct PublishQueue {
    /// Why an enqueue was refused.
    package enum Refusal: Equatable { case full, closed }

    /// What an enqueue did.
    package struct Admission: Equatable {
        /// Why nothing was taken, or nothing when all was.
        package var refusal: Refusal?
        /// How many older publications had to give way.
        package var dropped = 0
        /// Whether this is the first loss since the queue last had room, so that it is logged once and not for each.
        package var beginsOverflow = false

        package init(refusal: Refusal? = nil, dropped: Int = 0, beginsOverflow: Bool = false) {
            self.refusal = refusal
            self.dropped = dropped
            self.beginsOverflow = beginsOverflow
        }
    }

    package enum Next {
        /// To send this; ``ended(_:)`` must follow.
        case send(PublishBatch)
        /// To wait for an enqueue.
        case wait
        /// Nothing more will come.
        case finished
    }

    /// How sending a batch ended.
    package enum Ending { case delivered, refusedContent, failed }

    /// What the end of a batch means.
    package struct Settlement: Equatable {
        /// How many publications are lost for good.
        package var lost = 0
        /// Whether the batch is to be sent again in parts.
        package var isSplit = false
        /// How many publications an overflow cost that is now over, or nothing when there was none.
        package var overflowLoss: Int?

        package init(lost: Int = 0, isSplit: Bool = false, overflowLoss: Int? = nil) {
            self.lost = lost
            self.isSplit = isSplit
            self.overflowLoss = overflowLoss
        }
    }

    private let limits: GRIPPublisherConfiguration.QueueLimits
    private let batchLimits: GRIPPublisherConfiguration.BatchLimits
    private var waiting = CircularBuffer<ByteBuffer>()
    /// What is being sent.
    private var inFlight: PublishBatch?
    /// The parts of a refused batch, the next one last.
    private var parts: [PublishBatch] = []
    /// How many publications are being sent or in parts, which an overflow does not touch.
    private var taken = 0
    /// The bytes of all that waits or is being sent.
    package private(set) var bytes = 0
    private var overflowLoss = 0
    package private(set) var isClosed = false

    package init(
        limits: GRIPPublisherConfiguration.QueueLimits,
        batchLimits: GRIPPublisherConfiguration.BatchLimits
    ) {
        self.limits = limits
        self.batchLimits = batchLimits
    }

    /// How many publications wait or are being sent.
    package var count: Int { self.waiting.count + self.taken }

    /// Takes publications as a whole, or refuses them.
    package mutating func enqueue(_ objects: [ByteBuffer]) -> Admission {
        guard !self.isClosed else { return Admission(refusal: .closed) }
        let newBytes = objects.reduce(0) { $0 + $1.readableBytes }
        var toDrop = 0
        var freed = 0
        while !self.fits(objects.count - toDrop, bytes: newBytes - freed) {
            guard self.limits.overflow.kind == .dropOldest, toDrop < self.waiting.count else {
                // Nothing has been dropped yet: what could not have fitted anyway must not cost the others.
                return self.overflowed(by: objects.count, Admission(refusal: .full))
            }
            freed += self.waiting[offset: toDrop].readableBytes
            toDrop += 1
        }
        self.waiting.removeFirst(toDrop)
        self.waiting.append(contentsOf: objects)
        self.bytes += newBytes - freed
        return toDrop == 0 ? Admission() : self.overflowed(by: toDrop, Admission(dropped: toDrop))
    }

    private func fits(_ count: Int, bytes: Int) -> Bool {
        self.count + count <= self.limits.maximumItems && self.bytes + bytes <= self.limits.maximumBytes
    }

    private mutating func overflowed(by count: Int, _ admission: Admission) -> Admission {
        var admission = admission
        admission.beginsOverflow = self.overflowLoss == 0
        self.overflowLoss += count
        return admission
    }

    /// Says what to do next.
    ///
    /// Must not be called while a batch is being sent.
    package mutating func next() -> Next {
        assert(self.inFlight == nil)
        if let part = self.parts.popLast() {
            self.inFlight = part
            return .send(part)
        }
        guard !self.waiting.isEmpty else { return self.isClosed ? .finished : .wait }
        let count = self.batchLimits.batchLength(of: self.waiting)
        let batch = PublishBatch(objects: Array(self.waiting.prefix(count)))
        self.waiting.removeFirst(count)
        self.taken += count
        self.inFlight = batch
        return .send(batch)
    }

    /// Settles the batch that was being sent.
    package mutating func ended(_ ending: Ending) -> Settlement {
        guard let batch = self.inFlight else { return Settlement() }
        self.inFlight = nil
        var settlement = Settlement()
        switch ending {
        case .refusedContent where batch.count > 1:
            let half = batch.count / 2
            self.parts.append(PublishBatch(objects: Array(batch.objects.dropFirst(half))))
            self.parts.append(PublishBatch(objects: Array(batch.objects.prefix(half))))
            settlement.isSplit = true
            return settlement
        case .refusedContent, .failed: settlement.lost = batch.count
        case .delivered: break
        }
        self.taken -= batch.count
        self.bytes -= batch.objects.reduce(0) { $0 + $1.readableBytes }
        // Half empty, not one free place: at the brink, every second enqueue would begin a new overflow.
        let hasRoom = self.count <= self.limits.maximumItems / 2 && self.bytes <= self.limits.maximumBytes / 2
        if self.overflowLoss > 0, hasRoom {
            settlement.overflowLoss = self.overflowLoss
            self.overflowLoss = 0
        }
        return settlement
    }

    /// Takes nothing more; what waits may still be sent.
    package mutating func close() { self.isClosed = true }

    /// Gives up what waits.
    ///
    /// - Returns: How many publications that was.
    package mutating func abandon() -> Int {
        let count = self.count
        self.isClosed = true
        self.waiting.removeAll()
        self.inFlight = nil
        self.parts.removeAll()
        self.taken = 0
        self.bytes = 0
        return count
    }
}
