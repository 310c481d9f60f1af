import GRIP

extension JSONValue {
    typealias Failure = JSONPatchError.Reason

    /// The value at a place.
    func value(at pointer: JSONPointer, _ budget: inout JSONPatchBudget) throws(Failure) -> JSONValue {
        var value = self
        for token in pointer.tokens {
            switch value {
            case .array(let elements): value = elements[try Self.index(token, in: elements)]
            case .object(let object): value = object.members[try Self.index(token, in: object, &budget)].value
            default: throw .pathNotFound
            }
        }
        return value
    }

    /// Changes the value at a place where it is, without a copy of what is around it.
    mutating func change<Result>(
        at tokens: ArraySlice<String>,
        _ budget: inout JSONPatchBudget,
        _ change: (inout JSONValue, inout JSONPatchBudget) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let token = tokens.first else { return try change(&self, &budget) }
        let rest = tokens.dropFirst()
        switch self {
        case .array(var elements):
            let index = try Self.index(token, in: elements)
            // A second reference to the elements would copy them.
            self = .null
            defer { self = .array(elements) }
            return try elements[index].change(at: rest, &budget, change)
        case .object(var object):
            let index = try Self.index(token, in: object, &budget)
            self = .null
            defer { self = .object(object) }
            return try object.change(at: index) { (value: inout JSONValue) throws(Failure) in
                try value.change(at: rest, &budget, change)
            }
        default:
            throw .pathNotFound
        }
    }

    /// Adds an element or a member and tells by how many bytes the text grows.
    mutating func add(
        _ value: JSONValue,
        bytes: Int,
        as token: String,
        _ budget: inout JSONPatchBudget
    ) throws(Failure) -> Int {
        switch self {
        case .array(var elements):
            let index = try JSONPointer.index(token, count: elements.count)
            try budget.spendOnShift(elements.count - index)
            self = .null
            defer { self = .array(elements) }
            elements.insert(value, at: index)
            return bytes + (elements.count > 1 ? 1 : 0)
        case .object(var object):
            self = .null
            defer { self = .object(object) }
            let index = object.index(of: token)
            try budget.spend(index ?? object.members.count)
            var growth = bytes
            if let index {
                growth -= try budget.measure(object.members[index].value).bytes
            } else {
                growth += JSONMeasure.bytes(ofKey: token) + (object.members.isEmpty ? 0 : 1)
            }
            object.set(token, value)
            return growth
        default:
            throw .pathNotFound
        }
    }

    /// Takes out an element or a member and tells by how many bytes the text shrinks.
    mutating func remove(
        _ token: String,
        _ budget: inout JSONPatchBudget
    ) throws(Failure) -> (value: JSONValue, shrinkage: Int) {
        switch self {
        case .array(var elements):
            let index = try Self.index(token, in: elements)
            try budget.spendOnShift(elements.count - index)
            self = .null
            defer { self = .array(elements) }
            let value = elements.remove(at: index)
            return (value, try budget.measure(value).bytes + (elements.isEmpty ? 0 : 1))
        case .object(var object):
            let index = try Self.index(token, in: object, &budget)
            try budget.spendOnShift(object.members.count - index)
            self = .null
            defer { self = .object(object) }
            let key = object.members[index].key
            let value = object.remove(at: index)
            let bytes = JSONMeasure.bytes(ofKey: key) + (object.members.isEmpty ? 0 : 1)
            return (value, try budget.measure(value).bytes + bytes)
        default:
            throw .pathNotFound
        }
    }

    private static func index(_ token: String, in elements: [JSONValue]) throws(Failure) -> Int {
        let index = try JSONPointer.index(token, count: elements.count)
        guard index < elements.count else { throw .pathNotFound }
        return index
    }

    private static func index(
        _ token: String,
        in object: JSONObject,
        _ budget: inout JSONPatchBudget
    ) throws(Failure) -> Int {
        let index = object.index(of: token)
        try budget.spend(index ?? object.members.count)
        guard let index else { throw .pathNotFound }
        return index
    }
}
