import GRIP

/// Held JSON that items change.
enum ResponsePatchScenarios {
    static let all: [GRIPConformanceScenario] = [
        patch("replace", #"[{"op":"replace","path":"/b","value":3}]"#, #"{"a":1,"b":3,"c":[1]}"#, .should),
        patch("add", #"[{"op":"add","path":"/c/-","value":2}]"#, #"{"a":1,"b":2,"c":[1,2]}"#, .should),
        patch("remove", #"[{"op":"remove","path":"/a"}]"#, #"{"b":2,"c":[1]}"#, .should),
        patch(
            "several",
            #"[{"op":"test","path":"/a","value":1},{"op":"move","from":"/a","path":"/d"}]"#,
            #"{"b":2,"c":[1],"d":1}"#,
            .should
        ),
    ]

    private static func patch(
        _ name: String,
        _ operations: String,
        _ expected: String,
        _ level: GRIPConformanceScenario.Level
    ) -> GRIPConformanceScenario {
        .init("hold.response.patch.\(name)", "The patch \(operations) changes the held JSON", level) { scene in
            // In the order of the names: some proxies sort the members, others keep their order.
            let body = #"{ "a": 1, "b": 2, "c": [1] }"# + "\n"
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel, body: body))))
            let format = #""http-response":{"body-patch":\#(operations)}"#
            let response = try await scene.answer(poll) { try await scene.publish(formats: format) }
            try expect("body", response.text, is: expected + "\n")
        }
    }
}
