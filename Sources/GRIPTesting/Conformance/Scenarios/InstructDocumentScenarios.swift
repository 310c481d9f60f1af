import GRIP

/// Instructions as `application/grip-instruct`.
enum InstructDocumentScenarios {
    static let all: [GRIPConformanceScenario] = responses + holds + mistakes

    private static let responses: [GRIPConformanceScenario] = [
        .init("instruct.json.response", "A document without a hold is a response", .must) { scene in
            let json = #"{"response":{"code":200,"headers":{"Content-Type":"text/x"},"body":"hello world"}}"#
            let page = scene.page(.response(.instruct(json, ["X-Origin": "1"])))
            let response = try await scene.fetch("GET", page.path)
            try expect("status", response.status, is: 200)
            try expect("Content-Type", response.fields.all("Content-Type"), is: ["text/x"])
            try expect("the origin's own header", response.fields["X-Origin"], is: nil)
            try expect("body", response.text, is: "hello world")
        },
        .init("instruct.json.header-list", "Headers as a list keep their order and repetition", .must) { scene in
            let json = #"""
                {"response":{"code":201,"reason":"Yes","headers":[["X-R","2"],["X-A","1"],["X-R","1"]],
                "body-bin":"aGVsbG8="}}
                """#
            let response = try await scene.fetch("GET", scene.page(.response(.instruct(json))).path)
            try expect("status", "\(response.status) \(response.reason)", is: "201 Yes")
            let own = response.fields.lines.filter { $0.name.hasBytePrefix("X-") }.map(\.description)
            try expect("headers", own, is: ["X-R: 2", "X-A: 1", "X-R: 1"])
            try expect("body", response.text, is: "hello")
        },
        .init("instruct.json.code-as-text", "A status may be text that is a number", .could) { scene in
            let json = #"{"response":{"code":"202","body":"b"}}"#
            let response = try await scene.fetch("GET", scene.page(.response(.instruct(json))).path)
            try expect("status", response.status, is: 202)
        },
    ]

    private static let holds: [GRIPConformanceScenario] = [
        .init("instruct.json.stream", "A document can hold a stream", .must) { scene in
            let json = #"""
                {"hold":{"mode":"stream","channels":[{"name":"\#(scene.channel)"}]},
                "response":{"code":201,"headers":{"X-I":"1","Content-Type":"text/plain"},"body":"[open]\n"}}
                """#
            let client = try await scene.begin("GET", scene.page(.response(.instruct(json))).path)
            let head = try await client.head()
            try expect("status", head.status, is: 201)
            try expect("X-I", head.fields["X-I"], is: "1")
            try expect("Content-Type", head.fields["Content-Type"], is: "text/plain")
            try await client.body(until: "[open]\n")
            try await scene.publish(.httpStream("one\n"))
            try await client.body(until: "one\n")
        },
        .init("instruct.json.poll", "A document can hold a response", .must) { scene in
            let json = #"""
                {"hold":{"mode":"response","timeout":30,"channels":[{"name":"\#(scene.channel)"}]},
                "response":{"headers":{"X-I":"1"},"body":"timeout\n"}}
                """#
            let poll = try await scene.poll(scene.page(.response(.instruct(json))))
            let response = try await scene.publish(.httpResponse("data"), untilAnswered: poll)
            try expect("body", response.text, is: "data")
            try expect("X-I, which is the held response's", response.fields["X-I"], is: "1")
        },
        .init("instruct.json.default-mode", "A hold without a mode holds a response", .should) { scene in
            let json = #"{"hold":{"channels":[{"name":"\#(scene.channel)"}]},"response":{"body":"timeout\n"}}"#
            let poll = try await scene.poll(scene.page(.response(.instruct(json))))
            let response = try await scene.publish(.httpResponse("data"), untilAnswered: poll)
            try expect("body", response.text, is: "data")
        },
        .init("instruct.json.and-header", "Channels of the document add to those of the headers", .could) { scene in
            let other = "\(scene.channel)-other"
            let json = #"{"hold":{"mode":"stream","channels":[{"name":"\#(other)"}]},"response":{"body":"[open]\n"}}"#
            let fields: HeaderList = ["Grip-Channel": scene.channel]
            let client = try await scene.stream(scene.page(.response(.instruct(json, fields))).path)
            try await scene.publish(.httpStream("header;"))
            try await scene.publish(.httpStream("document;"), to: other)
            try expect("body", try await client.body(until: "document;"), is: "[open]\nheader;document;")
        },
        .init("instruct.json.media-type", "Parameters of the media type do not matter", .could) { scene in
            let body = #"{"response":{"code":202,"body":"b"}}"#
            let type: HeaderList = ["Content-Type": "application/grip-instruct; x=y"]
            let page = scene.page(.response(OriginResponse(200, type, body: body)))
            try expect("status", try await scene.fetch("GET", page.path).status, is: 202)
        },
        .init("instruct.json.meta", "Filters see the meta of a document", .should) { scene in
            let json = #"""
                {"hold":{"mode":"stream","channels":[{"name":"\#(scene.channel)","filters":["skip-self"]}],
                "meta":{"user":"ann"}},"response":{"body":"[open]\n"}}
                """#
            let client = try await scene.stream(scene.page(.response(.instruct(json))).path)
            try await scene.publish(GRIPItem(.httpStream("own;"), sender: "ann"))
            try await scene.publish(GRIPItem(.httpStream("other;"), sender: "bob"))
            try expect("body", try await client.body(until: "other;"), is: "[open]\nother;")
        },
    ]

    /// Documents that are mistakes, each of which makes a 502.
    private static let mistakes: [GRIPConformanceScenario] =
        [
            ("not-json", .should, "nope"),
            ("array", .should, "[]"),
            ("empty-body", .should, ""),
            ("no-channels", .should, #"{"hold":{"mode":"stream"},"response":{"body":""}}"#),
            ("channel-not-object", .could, #"{"hold":{"mode":"stream","channels":["c"]},"response":{"body":""}}"#),
            ("channel-without-name", .could, #"{"hold":{"mode":"stream","channels":[{}]},"response":{"body":""}}"#),
            ("mode", .should, #"{"hold":{"mode":"forever","channels":[]},"response":{"body":""}}"#),
            ("timeout", .could, #"{"hold":{"timeout":-1,"channels":[{"name":"c"}]},"response":{"body":""}}"#),
            ("hold-not-object", .should, #"{"hold":5,"response":{"body":""}}"#),
            ("response-not-object", .could, #"{"response":5}"#),
            ("code-range", .could, #"{"response":{"code":1000,"body":""}}"#),
            ("code-list", .could, #"{"response":{"code":[200],"body":""}}"#),
            ("headers-type", .could, #"{"response":{"headers":5,"body":""}}"#),
            ("body-type", .could, #"{"response":{"body":5}}"#),
        ].map { (name: String, level: GRIPConformanceScenario.Level, json: String) in
            .init("instruct.json.mistake.\(name)", "The document \(json) makes a 502", level) { scene in
                try await OriginFailureScenarios.expectBadGateway(.response(.instruct(json)), scene)
            }
        } + [
            .init("instruct.json.mistake.status", "A document comes with the status 200", .should) { scene in
                let answer = OriginAnswer.response(.instruct(#"{"response":{"body":"b"}}"#, status: 201))
                try await OriginFailureScenarios.expectBadGateway(answer, scene)
            }
        ]
}
