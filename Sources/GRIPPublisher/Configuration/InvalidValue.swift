/// What is wrong with a value, before it is known under which name the value was given.
package struct InvalidValue: Error, Sendable, Hashable {
    /// What is wrong and what to write instead; holds no secret.
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
