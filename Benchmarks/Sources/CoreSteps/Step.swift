/// One thing that is measured.
public struct Step: Sendable {
    /// The name, the same as in the Python script.
    public let name: String
    /// How many bytes one operation reads or writes, where that is what counts.
    public let byteCount: Int?
    /// One operation.
    public let run: @Sendable () throws -> Void

    /// Makes a step.
    ///
    /// - Parameters:
    ///   - name: The name, the same as in the Python script.
    ///   - byteCount: How many bytes one operation reads or writes, where that is what counts.
    ///   - run: One operation; what it makes must end in ``sink(_:)``.
    public init(_ name: String, byteCount: Int? = nil, run: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.byteCount = byteCount
        self.run = run
    }
}

/// Takes a result, so that the compiler must make it.
@_optimize(none)
public func sink(_ value: some Any) {}
