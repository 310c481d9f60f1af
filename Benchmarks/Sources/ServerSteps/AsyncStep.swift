/// One thing that is measured and that waits.
public struct AsyncStep: Sendable {
    /// The name, the same as in the Python script.
    public let name: String
    /// How many operations one run is.
    public let operationCount: Int
    /// One run, on the executor that servers handle requests on: hops to and from the main actor would cost more than
    /// what is measured.
    public let run: @concurrent @Sendable () async throws -> Void

    init(_ name: String, operationCount: Int, run: @escaping @concurrent @Sendable () async throws -> Void) {
        self.name = name
        self.operationCount = operationCount
        self.run = run
    }
}
