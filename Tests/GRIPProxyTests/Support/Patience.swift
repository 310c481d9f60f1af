/// The machine was too busy for the time that a test gave.
struct TooBusy: Error {}

/// Runs a test about a time with longer and longer ones, until the machine does in time what has to be done in time.
///
/// - Parameter body: The test, which takes the time and throws ``TooBusy`` when something else came too late.
func withPatience(_ body: (Duration) async throws -> Void) async throws {
    var time = Duration.milliseconds(100)
    while true {
        do {
            return try await body(time)
        } catch is TooBusy where time < .seconds(10) {
            time *= 5
        }
    }
}

/// Tries again with more time unless something was done in time.
func expectInTime(_ isInTime: Bool) throws { if !isInTime { throw TooBusy() } }
