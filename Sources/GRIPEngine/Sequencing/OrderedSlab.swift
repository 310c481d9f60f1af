/// Elements in the order in which they came, any of which can leave: a linked list inside one array.
struct OrderedSlab<Element: Sendable>: Sendable {
    private struct Slot: Sendable {
        var element: Element?
        var previous: Int
        var next: Int
    }

    private static var none: Int { -1 }

    private var slots: [Slot] = []
    private var head = Self.none
    private var tail = Self.none
    /// The first of the empty slots, which are linked as well.
    private var free = Self.none
    private(set) var count = 0

    /// The oldest element's position, or nothing when there is none.
    var first: Int? { self.head == Self.none ? nil : self.head }

    /// The element at a position that ``append(_:)`` gave.
    subscript(_ position: Int) -> Element? {
        self.slots.indices.contains(position) ? self.slots[position].element : nil
    }

    /// Adds an element at the end and tells its position, which stays the same for as long as it is here.
    mutating func append(_ element: Element) -> Int {
        let position = self.free == Self.none ? self.slots.count : self.free
        let slot = Slot(element: element, previous: self.tail, next: Self.none)
        if position == self.slots.count {
            self.slots.append(slot)
        } else {
            self.free = self.slots[position].next
            self.slots[position] = slot
        }
        if self.tail == Self.none { self.head = position } else { self.slots[self.tail].next = position }
        self.tail = position
        self.count += 1
        return position
    }

    /// Takes an element out.
    @discardableResult
    mutating func remove(at position: Int) -> Element? {
        guard let element = self[position] else { return nil }
        self.unlink(position)
        self.count -= 1
        self.slots[position] = Slot(element: nil, previous: Self.none, next: self.free)
        self.free = position
        return element
    }

    /// Gives a position another element, which becomes the newest.
    mutating func replace(at position: Int, with element: Element) {
        guard self[position] != nil else { return }
        self.slots[position].element = element
        guard position != self.tail else { return }
        self.unlink(position)
        self.slots[position].previous = self.tail
        self.slots[position].next = Self.none
        self.slots[self.tail].next = position
        self.tail = position
    }

    private mutating func unlink(_ position: Int) {
        let (previous, next) = (self.slots[position].previous, self.slots[position].next)
        if previous == Self.none { self.head = next } else { self.slots[previous].next = next }
        if next == Self.none { self.tail = previous } else { self.slots[next].previous = previous }
    }
}
