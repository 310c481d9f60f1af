import Benchmark
import ServerSteps

// One iteration is as many operations as the name says.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal, .throughput],
        maxDuration: .seconds(3)
    )
    do {
        for step in try MiddlewareSteps.all() {
            Benchmark("\(step.name) × \(step.operationCount)") { benchmark in
                for _ in benchmark.scaledIterations { try await step.run() }
            }
        }
    } catch {
        Benchmark("could not be set up: \(error)") { $0.error("\(error)") }
    }
    for publishing in PublishStep.allCases {
        Benchmark("\(publishing.name) × \(publishing.operationCount)") { benchmark, step in
            for _ in benchmark.scaledIterations { try await step.run() }
        } setup: {
            try publishing.step(to: try await ControlSink().uri)
        }
    }
}
