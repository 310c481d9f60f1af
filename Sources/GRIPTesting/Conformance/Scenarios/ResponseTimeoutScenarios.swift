import GRIP

/// `Grip-Timeout`.
enum ResponseTimeoutScenarios {
    static let all: [GRIPConformanceScenario] = [
        timeout("timeout", "After the timeout the held response is sent", "5", .must),
        timeout("timeout-raised", "A timeout below five seconds is raised", "1", .should),
        .init("hold.response.no-channels", "Without channels only the timeout answers", .could, isSlow: true) { scene in
            let page = scene.page(.response(.poll(nil, ["Grip-Timeout": "5"])))
            let client = try await scene.begin("GET", page.path)
            try expect("body", try await client.response(within: .seconds(12)).text, is: "timeout\n")
        },
        .init("hold.response.json-timeout", "A document can set the timeout", .should, isSlow: true) { scene in
            let json = #"""
                {"hold":{"mode":"response","timeout":5,"channels":[{"name":"\#(scene.channel)"}]},
                "response":{"code":203,"body":"timeout\n"}}
                """#
            let client = try await scene.begin("GET", scene.page(.response(.instruct(json))).path)
            let response = try await client.response(within: .seconds(12))
            try expect("status", response.status, is: 203)
            try expect("body", response.text, is: "timeout\n")
        },
    ]

    private static func timeout(
        _ name: String,
        _ title: String,
        _ value: String,
        _ level: GRIPConformanceScenario.Level
    ) -> GRIPConformanceScenario {
        .init("hold.response.\(name)", title, level, isSlow: true) { scene in
            let fields: HeaderList = ["Grip-Timeout": value, "X-Held": "1"]
            let page = scene.page(.response(.poll(scene.channel, fields, status: 202)))
            let start = ContinuousClock.now
            let client = try await scene.begin("GET", page.path)
            let response = try await client.response(within: .seconds(12))
            let time = ContinuousClock.now - start
            try expect("status", response.status, is: 202)
            try expect("X-Held", response.fields["X-Held"], is: "1")
            try expect("body", response.text, is: "timeout\n")
            try expect("about five seconds", time > .seconds(4) && time < .seconds(9), observed: "\(time)")
        }
    }
}
