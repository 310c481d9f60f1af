import CoreSteps
import GRIP
import GRIPPublisher
import Logging

/// Publishing over loopback to a control API that accepts everything.
public enum PublishStep: String, Sendable, CaseIterable {
    /// Each publish waits for the answer to the one before.
    case sequential = "publish, one after the other"
    /// Tasks publish at the same time, each one after the other.
    case concurrent = "publish, 64 at a time"
    /// All is handed over and sent in batches; the time counts until the last answer.
    case enqueued = "publish, enqueued"

    /// The name, the same as in the Python script.
    public var name: String { self.rawValue }

    /// How many publications one run is.
    public var operationCount: Int {
        switch self {
        case .sequential: 500
        case .concurrent: 64 * 25
        case .enqueued: 5000
        }
    }

    /// Makes the step.
    ///
    /// - Parameter uri: The URI of the control API.
    public func step(to uri: String) throws -> AsyncStep {
        let configuration = GRIPPublisherConfiguration(proxies: [try .pushpin(controlURI: uri)])
        let logger = Logger(label: "benchmark")
        let publication = try CoreSteps.publication(1)
        let count = self.operationCount
        switch self {
        case .sequential:
            let publisher = try GRIPHTTPPublisher(configuration: configuration, logger: logger)
            return AsyncStep(self.name, operationCount: count) {
                for _ in 0..<count { try await publisher.publish([publication]) }
            }
        case .concurrent:
            let publisher = try GRIPHTTPPublisher(configuration: configuration, logger: logger)
            return AsyncStep(self.name, operationCount: count) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<64 {
                        group.addTask { for _ in 0..<count / 64 { try await publisher.publish([publication]) } }
                    }
                    try await group.waitForAll()
                }
            }
        case .enqueued:
            return AsyncStep(self.name, operationCount: count) {
                try await withGRIPHTTPPublisher(configuration: configuration, logger: logger) { publisher in
                    for _ in 0..<count {
                        guard publisher.enqueue([publication]) else { throw StepError("the queue is full") }
                    }
                }
            }
        }
    }
}
