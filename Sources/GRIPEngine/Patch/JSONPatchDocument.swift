import GRIP
import NIOCore

/// A document while a patch changes it.
///
/// Its size is known at any time, so that operations that copy cannot make it grow beyond the limit.
struct JSONPatchDocument {
    private(set) var root: JSONValue
    private var bytes: Int
    private let maximumBytes: Int
    private var budget: JSONPatchBudget

    init(_ json: ByteBuffer, _ limits: JSONPatchLimits) throws(JSONPatchError) {
        do {
            self.root = try JSONValue(verbatim: json)
        } catch {
            throw JSONPatchError(operation: nil, .heldBodyIsNotJSON)
        }
        self.bytes = JSONMeasure(self.root).bytes
        self.maximumBytes = limits.resultBytes
        self.budget = JSONPatchBudget(steps: limits.steps)
    }

    mutating func apply(_ operation: JSONPatchOperation) throws(JSONPatchError.Reason) {
        try self.budget.spend(1)
        switch operation {
        case .add(let path, let value): try self.add(value, at: path)
        case .remove(let path): _ = try self.remove(at: path)
        case .replace(let path, let value): try self.replace(value, at: path)
        case .move(let from, let path): try self.move(from: from, to: path)
        case .copy(let from, let path): try self.add(try self.root.value(at: from, &self.budget), at: path)
        case .test(let path, let value):
            let found = try self.root.value(at: path, &self.budget)
            guard try found.isEquivalent(to: value, &self.budget) else { throw .testFailed }
        }
    }

    private mutating func add(_ value: JSONValue, at path: JSONPointer) throws(JSONPatchError.Reason) {
        guard let token = path.tokens.last else {
            try self.replace(value, at: path)
            return
        }
        let bytes = try self.measure(value, at: path).bytes
        let growth = try self.root.change(at: path.tokens.dropLast(), &self.budget) {
            (parent: inout JSONValue, budget: inout JSONPatchBudget) throws(JSONPatchError.Reason) in
            try parent.add(value, bytes: bytes, as: token, &budget)
        }
        try self.grow(by: growth)
    }

    private mutating func replace(_ value: JSONValue, at path: JSONPointer) throws(JSONPatchError.Reason) {
        let bytes = try self.measure(value, at: path).bytes
        let growth = try self.root.change(at: path.tokens[...], &self.budget) {
            (old: inout JSONValue, budget: inout JSONPatchBudget) throws(JSONPatchError.Reason) in
            let growth = bytes - (try budget.measure(old).bytes)
            old = value
            return growth
        }
        try self.grow(by: growth)
    }

    private mutating func remove(at path: JSONPointer) throws(JSONPatchError.Reason) -> JSONValue {
        guard let token = path.tokens.last else { throw .removesDocument }
        let (value, shrinkage) = try self.root.change(at: path.tokens.dropLast(), &self.budget) {
            (parent: inout JSONValue, budget: inout JSONPatchBudget) throws(JSONPatchError.Reason) in
            try parent.remove(token, &budget)
        }
        self.bytes -= shrinkage
        return value
    }

    private mutating func move(from: JSONPointer, to path: JSONPointer) throws(JSONPatchError.Reason) {
        guard from.contains(path) else {
            try self.add(try self.remove(at: from), at: path)
            return
        }
        guard path.contains(from) else { throw .movesIntoItself }
        // It is there already, if it is anywhere.
        _ = try self.root.value(at: from, &self.budget)
    }

    private mutating func measure(
        _ value: JSONValue,
        at path: JSONPointer
    ) throws(JSONPatchError.Reason) -> JSONMeasure {
        let measure = try self.budget.measure(value)
        guard path.tokens.count + measure.depth <= JSONParser.maximumDepth else { throw .tooDeep }
        return measure
    }

    private mutating func grow(by growth: Int) throws(JSONPatchError.Reason) {
        self.bytes += growth
        guard growth <= 0 || self.bytes <= self.maximumBytes else { throw .tooLarge }
    }
}
