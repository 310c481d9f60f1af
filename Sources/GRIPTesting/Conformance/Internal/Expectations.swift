/// Fails unless two values are equal.
func expect<Value: Equatable>(_ what: String, _ observed: Value, is expected: Value) throws(GRIPConformanceFailure) {
    guard observed != expected else { return }
    throw GRIPConformanceFailure(expected: "\(what): \(shown(expected))", observed: shown(observed))
}

/// Fails unless something is true.
func expect(
    _ expected: String,
    _ isTrue: Bool,
    observed: @autoclosure () -> String
) throws(GRIPConformanceFailure) {
    guard !isTrue else { return }
    throw GRIPConformanceFailure(expected: expected, observed: observed())
}

/// Fails unless there is a value, and gives it.
func require<Value>(_ expected: String, _ value: Value?) throws(GRIPConformanceFailure) -> Value {
    guard let value else { throw GRIPConformanceFailure(expected: expected, observed: "nothing") }
    return value
}

private func shown(_ value: some Any) -> String {
    let text = "\(value)"
    return text.utf8.count <= 600 ? text : "\(text.prefix(300)) … \(text.suffix(200)) (\(text.utf8.count) bytes)"
}
