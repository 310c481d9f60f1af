import GRIPTesting

extension GRIPConformanceDeviation {
    /// What is otherwise where publishers connect to another instance than clients.
    static let instances: [GRIPConformanceDeviation] =
        gripProxy + [
            .init("retry.recover", "Recovering is about the clients of the instance that is told to.")
        ]
}
