import GRIP

/// How much a patch may still do, in values and bytes looked at.
struct JSONPatchBudget {
    private var steps: Int

    init(steps: Int) { self.steps = max(0, steps) }

    mutating func spend(_ steps: Int) throws(JSONPatchError.Reason) {
        self.steps -= steps
        guard self.steps >= 0 else { throw .tooMuchWork }
    }

    /// Pays for moving elements aside, which is cheaper than looking at them.
    mutating func spendOnShift(_ count: Int) throws(JSONPatchError.Reason) { try self.spend(1 + count / 8) }

    mutating func measure(_ value: JSONValue) throws(JSONPatchError.Reason) -> JSONMeasure {
        let measure = JSONMeasure(value)
        try self.spend(measure.bytes)
        return measure
    }
}
