/// A step that would not measure what it says.
public struct StepError: Error, CustomStringConvertible {
    /// What is wrong.
    public let description: String

    /// Makes an error.
    ///
    /// - Parameter description: What is wrong.
    public init(_ description: String) { self.description = description }
}
