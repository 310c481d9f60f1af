import CoreSteps
import ServerSteps

/// Prints how long each step takes, one JSON object a line; `compare` sets Python's numbers beside them.
///
/// Arguments are parts of names: only the steps that have one of them are run.
@main
struct CompareSteps {
    static func main() async throws {
        let wanted = Array(CommandLine.arguments.dropFirst())
        func isWanted(_ name: String) -> Bool { wanted.isEmpty || wanted.contains(where: { name.contains($0) }) }
        let stopwatch = Stopwatch()

        for step in try CoreSteps.all() where isWanted(step.name) {
            Self.report(step.name, try stopwatch.nanoseconds(step), byteCount: step.byteCount)
        }
        let middleware = try MiddlewareSteps.all()
        if middleware.contains(where: { isWanted($0.name) }) {
            let times = try await stopwatch.nanoseconds(middleware)
            for (step, time) in zip(middleware, times) { Self.report(step.name, time) }
            for (step, time) in zip(middleware, times).dropFirst() {
                Self.report("overhead of \(step.name)", time - times[0])
            }
        }
        let sink = try await ControlSink()
        for publishing in PublishStep.allCases where isWanted(publishing.name) {
            Self.report(publishing.name, try await stopwatch.nanoseconds([publishing.step(to: sink.uri)])[0])
        }
        try await sink.close()
    }

    private static func report(_ name: String, _ nanoseconds: Double, byteCount: Int? = nil) {
        let bytes = byteCount.map { #", "bytes": \#($0)"# } ?? ""
        print(#"{"step": "\#(name)", "ns": \#(nanoseconds)\#(bytes)}"#)
    }
}
