/// A value for each kind of hold.
package struct PerKind<Value> {
    package var responses: Value
    package var streams: Value
    package var webSockets: Value

    package init(responses: Value, streams: Value, webSockets: Value) {
        self.responses = responses
        self.streams = streams
        self.webSockets = webSockets
    }

    /// Makes the same value for all kinds.
    package init(repeating value: Value) { self.init(responses: value, streams: value, webSockets: value) }

    /// The value of a kind.
    ///
    /// It is changed in place, because a copy of a list would be as long as the list.
    @inlinable
    package subscript(kind: HoldKind) -> Value {
        get {
            switch kind {
            case .response: self.responses
            case .stream: self.streams
            case .webSocket: self.webSockets
            }
        }
        _modify {
            switch kind {
            case .response: yield &self.responses
            case .stream: yield &self.streams
            case .webSocket: yield &self.webSockets
            }
        }
    }

    /// What is made of the value of each kind.
    package func map<Other>(_ transform: (Value) -> Other) -> PerKind<Other> {
        PerKind<Other>(
            responses: transform(self.responses),
            streams: transform(self.streams),
            webSockets: transform(self.webSockets)
        )
    }

    /// The values, in the order of `HoldKind.allCases`.
    package var all: [Value] { HoldKind.allCases.map { self[$0] } }
}

extension PerKind: Sendable where Value: Sendable {}
extension PerKind: Equatable where Value: Equatable {}
extension PerKind: Hashable where Value: Hashable {}
