/// A value that many connections have in common, so that each of them keeps only a reference to it.
package struct Shared<Value: Sendable>: Sendable {
    private final class Storage: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private let storage: Storage

    package init(_ value: Value) { self.storage = Storage(value) }

    package var value: Value { self.storage.value }
}

/// A value in memory of its own, so that an optional one takes a single word where there is none.
package indirect enum Boxed<Value: Sendable>: Sendable {
    case value(Value)

    package var value: Value {
        switch self {
        case .value(let value): value
        }
    }
}

extension Boxed: Equatable where Value: Equatable {}

extension Boxed: Hashable where Value: Hashable {}
