import GRIP

extension JSONValue {
    /// Whether two values are the same to a `test` (RFC 6902, section 4.6).
    ///
    /// Numbers count by their value, and the order of members does not count.
    func isEquivalent(to other: JSONValue, _ budget: inout JSONPatchBudget) throws(JSONPatchError.Reason) -> Bool {
        try budget.spend(1)
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.string(let left), .string(let right)):
            try budget.spend(left.utf8.count)
            return left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            for (left, right) in zip(left, right) where try !left.isEquivalent(to: right, &budget) { return false }
            return true
        case (.object(let left), .object(let right)): return try left.isEquivalent(to: right, &budget)
        default:
            for case .number(let text) in [self, other] { try budget.spend(text.utf8.count) }
            return self.isSameNumber(as: other) ?? false
        }
    }
}

extension JSONObject {
    fileprivate func isEquivalent(
        to other: JSONObject,
        _ budget: inout JSONPatchBudget
    ) throws(JSONPatchError.Reason) -> Bool {
        guard self.members.count == other.members.count else { return false }
        for (position, member) in self.members.enumerated() {
            // Most often the order is the same.
            let isInPlace = other.members[position].key.hasSameBytes(as: member.key)
            guard let index = isInPlace ? position : other.index(of: member.key) else { return false }
            try budget.spend(isInPlace ? 1 : index)
            guard try member.value.isEquivalent(to: other.members[index].value, &budget) else { return false }
        }
        return true
    }
}
