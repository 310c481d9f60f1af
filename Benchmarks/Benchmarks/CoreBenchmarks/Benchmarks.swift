import Benchmark
import CoreSteps

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal, .instructions, .throughput],
        scalingFactor: .kilo,
        maxDuration: .seconds(1)
    )
    do {
        for step in try CoreSteps.all() {
            Benchmark(step.name) { benchmark in
                for _ in benchmark.scaledIterations { try step.run() }
            }
        }
    } catch {
        Benchmark("could not be set up: \(error)") { $0.error("\(error)") }
    }
}
