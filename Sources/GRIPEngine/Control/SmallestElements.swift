/// The smallest elements of many, in order, in a memory that depends on how many are kept.
struct SmallestElements<Element> {
    private let count: Int
    private let precedes: (Element, Element) -> Bool
    private var elements: [Element] = []
    /// What does not come before this one is not among them.
    private var bound: Element?

    /// Keeps nothing at first.
    ///
    /// - Parameters:
    ///   - count: How many are kept.
    ///   - precedes: Whether one comes before another.
    init(_ count: Int, by precedes: @escaping (Element, Element) -> Bool) {
        self.count = max(0, count)
        self.precedes = precedes
    }

    mutating func insert(_ element: Element) {
        if let bound, !self.precedes(element, bound) { return }
        self.elements.append(element)
        if self.elements.count >= max(64, 2 * self.count) { self.prune() }
    }

    private mutating func prune() {
        self.elements.sort(by: self.precedes)
        self.elements.removeLast(max(0, self.elements.count - self.count))
        if self.elements.count == self.count { self.bound = self.elements.last }
    }

    /// The elements, smallest first.
    mutating func sorted() -> [Element] {
        self.prune()
        return self.elements
    }
}
