import GRIP

/// Bodies that are mistakes, with the reasons that publishers are told.
enum PublishMistakeScenarios {
    static let all: [GRIPConformanceScenario] =
        [
            ("empty", .should, "", "Body is not valid JSON.\n"),
            ("not-json", .should, "nope", "Body is not valid JSON.\n"),
            ("array", .should, "[]", "Invalid format.\n"),
            ("no-items", .should, "{}", "Invalid format: object does not contain 'items'\n"),
            ("items-type", .should, #"{"items":5}"#, "Invalid format: object contains 'items' with wrong type\n"),
        ].map { (name: String, level: GRIPConformanceScenario.Level, body: String, reason: String) in
            .init("publish.mistake.\(name)", "The body \(body.debugDescription) is refused", level) { scene in
                let response = try await scene.control(body: body)
                try expect("status", response.status, is: 400)
                try expect("body", response.text, is: reason)
            }
        }
        + itemMistakes.map { (name: String, json: String, reason: String?) in
            .init("publish.mistake.\(name)", "The item \(json) is refused", .should) { scene in
                let response = try await scene.control(body: #"{"items":[\#(json)]}"#)
                try expect("status", response.status, is: 400)
                if let reason { try expect("body", response.text, is: "Invalid format: \(reason)\n") }
            }
        }

    private static let itemMistakes: [(String, String, String?)] = [
        ("item-type", "5", nil),
        (
            "no-channel", #"{"formats":{"http-stream":{"content":"a"}}}"#,
            "publish item object does not contain 'channel'"
        ),
        (
            "channel-type", #"{"channel":5,"formats":{"http-stream":{"content":"a"}}}"#,
            "publish item object contains 'channel' with wrong type"
        ),
        (
            "id-type", #"{"channel":"c","id":5,"formats":{"http-stream":{"content":"a"}}}"#,
            "publish item object contains 'id' with wrong type"
        ),
        ("id-null", #"{"channel":"c","id":null,"formats":{"http-stream":{"content":"a"}}}"#, nil),
        ("prev-id-type", #"{"channel":"c","prev-id":[],"formats":{"http-stream":{"content":"a"}}}"#, nil),
        ("meta-type", #"{"channel":"c","meta":5,"formats":{"http-stream":{"content":"a"}}}"#, nil),
        ("meta-value", #"{"channel":"c","meta":{"k":5},"formats":{"http-stream":{"content":"a"}}}"#, nil),
        ("no-seq-type", #"{"channel":"c","no-seq":1,"formats":{"http-stream":{"content":"a"}}}"#, nil),
        ("size-type", #"{"channel":"c","size":[1],"formats":{"http-stream":{"content":"a"}}}"#, nil),
        ("no-formats", #"{"channel":"c"}"#, "no formats specified"),
        ("formats-empty", #"{"channel":"c","formats":{}}"#, "no formats specified"),
        ("format-type", #"{"channel":"c","formats":{"http-stream":5}}"#, nil),
        ("no-content", #"{"channel":"c","formats":{"http-stream":{}}}"#, nil),
        ("content-type", #"{"channel":"c","formats":{"http-stream":{"content":5}}}"#, nil),
        ("action", #"{"channel":"c","formats":{"http-stream":{"action":"nope","content":"a"}}}"#, nil),
        ("response-without-body", #"{"channel":"c","formats":{"http-response":{}}}"#, nil),
        ("code-range", #"{"channel":"c","formats":{"http-response":{"code":1000,"body":""}}}"#, nil),
        ("code-type", #"{"channel":"c","formats":{"http-response":{"code":[1],"body":""}}}"#, nil),
        ("headers-type", #"{"channel":"c","formats":{"http-response":{"headers":5,"body":""}}}"#, nil),
        ("message-type", #"{"channel":"c","formats":{"ws-message":{"type":"nope","content":"a"}}}"#, nil),
        ("message-without-content", #"{"channel":"c","formats":{"ws-message":{}}}"#, nil),
    ]
}
