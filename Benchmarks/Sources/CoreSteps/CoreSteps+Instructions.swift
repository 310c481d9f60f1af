import GRIP
import HTTPTypes

extension CoreSteps {
    /// `Grip-*` headers of a stream hold with everything that one usually has.
    static func instructions() throws -> [Step] {
        let instruction = try Self.instruction()
        return [
            Step("instruction, encode to headers") { sink(instruction.fields) },
            Step("instruction, make and encode") { sink(try Self.instruction().fields) },
        ]
    }

    private static func instruction() throws -> GRIPInstruction {
        try GRIPInstruction(
            hold: .stream(keepAlive: .newline(after: .seconds(20))),
            channels: [
                GRIPChannel("room-42", previousID: "1041", filters: [.skipSelf]),
                GRIPChannel("user-alice", previousID: "17", filters: [.skipSelf, .buildID]),
            ]
        )
        .with(next: GRIPLink("/rooms/42/events?after=1041", timeout: .seconds(60)))
        .with(meta: ["user": "alice", "id_format": "%I"])
    }
}
