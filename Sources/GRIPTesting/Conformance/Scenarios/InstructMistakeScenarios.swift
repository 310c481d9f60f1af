import GRIP

/// Header lines that are mistakes, each of which makes a 502.
enum InstructMistakeScenarios {
    static let all: [GRIPConformanceScenario] = [
        mistake("status-text", .should, ["Grip-Status": "abc"]),
        mistake("status-range", .should, ["Grip-Status": "1000"]),
        mistake("hold-case", .should, ["Grip-Hold": "Response", "Grip-Channel": "c"]),
        mistake("hold-unknown", .should, ["Grip-Hold": "forever", "Grip-Channel": "c"]),
        mistake("hold-empty", .could, ["Grip-Hold": "", "Grip-Channel": "c"]),
        mistake("timeout-text", .should, ["Grip-Timeout": "abc"]),
        mistake("timeout-negative", .could, ["Grip-Timeout": "-1"]),
        mistake("timeout-empty", .could, ["Grip-Timeout": ""]),
        mistake("keep-alive-format", .should, keepAlive("x; format=nope")),
        mistake("keep-alive-mode", .should, keepAlive("x; mode=nope")),
        mistake("keep-alive-timeout", .should, keepAlive("x; timeout=abc")),
        mistake("keep-alive-negative", .should, keepAlive("x; timeout=-1")),
        mistake("keep-alive-backslash", .could, keepAlive("a\\; format=cstring")),
        mistake("keep-alive-escape", .could, keepAlive("\\xzz; format=cstring")),
        mistake("keep-alive-no-data", .could, keepAlive("; timeout=5")),
        mistake("link-without-brackets", .should, ["Grip-Link": "/next; rel=next"]),
        mistake("link-empty", .could, ["Grip-Link": "<>; rel=next"]),
        mistake(
            "too-many-filters",
            .could,
            ["Grip-Hold": "stream", "Grip-Channel": "c; filter=1; filter=2; filter=3; filter=4; filter=5; filter=6"]
        ),
        mistake("link-timeout", .could, ["Grip-Link": "</next>; rel=next; timeout=x"]),
    ]

    private static func keepAlive(_ value: String) -> HeaderList {
        ["Grip-Hold": "stream", "Grip-Channel": "c", "Grip-Keep-Alive": value]
    }

    private static func mistake(
        _ name: String,
        _ level: GRIPConformanceScenario.Level,
        _ fields: HeaderList
    ) -> GRIPConformanceScenario {
        let shown = fields.lines.last?.description ?? ""
        return .init("instruct.mistake.\(name)", "\"\(shown)\" makes a 502", level) { scene in
            try await OriginFailureScenarios.expectBadGateway(.response(OriginResponse(200, fields, body: "b")), scene)
        }
    }
}
