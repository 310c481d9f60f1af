import GRIP

/// The control API over HTTP.
enum PublishScenarios {
    static let all: [GRIPConformanceScenario] = answers + batches

    private static let item = #"{"channel":"nobody","formats":{"http-stream":{"content":"a"}}}"#
    private static let body = #"{"items":[\#(item)]}"#

    private static let answers: [GRIPConformanceScenario] =
        ["/publish/", "/publish"].map { path in
            .init("publish.ok.\(path.hasSuffix("/") ? "slash" : "no-slash")", "POST \(path) publishes", .must) {
                scene in
                let response = try await scene.control("POST", path, body: body)
                try expect("status", "\(response.status) \(response.reason)", is: "200 OK")
                try expect("body", response.text, is: "Published\n")
                try expect("Content-Type", response.fields["Content-Type"], is: "text/plain")
            }
        } + [
            .init("publish.ok.json", "The answer can be JSON", .should) { scene in
                let response = try await scene.control(
                    "POST",
                    "/publish/",
                    ["Accept": "application/json"],
                    body: body
                )
                try expect("Content-Type", response.fields["Content-Type"], is: "application/json")
                let json = try JSONValue(parsing: response.text)
                try expect("message", json["message"]?.string, is: "Published")
            },
            .init("publish.not-acceptable", "A publisher that accepts neither is refused", .could) { scene in
                let response = try await scene.control("POST", "/publish/", ["Accept": "text/html"], body: body)
                try expect("status", response.status, is: 406)
            },
            .init("publish.content-type", "The request's media type does not matter", .must) { scene in
                let type: HeaderList = ["Content-Type": "text/x-anything"]
                try expect("status", try await scene.control("POST", "/publish/", type, body: body).status, is: 200)
            },
            .init("publish.root", "The root tells that it is there", .could) { scene in
                try expect("status", try await scene.control("GET", "/").status, is: 200)
            },
            status("unknown-path", "An unknown path is not found", .could, 404, "POST", "/unknown/", body),
            status("query", "A query is part of the path", .could, 404, "POST", "/publish?x=1", body),
        ]
        + ["GET", "PUT", "DELETE"].map { method in
            .init("publish.method.\(method.lowercased())", "\(method) does not publish", .should) { scene in
                let response = try await scene.control(method, "/publish/", body: method == "PUT" ? body : nil)
                try expect("status", response.status, is: 405)
                try expect("Allow", response.fields["Allow"], is: "POST")
            }
        }

    private static let batches: [GRIPConformanceScenario] = [
        .init("publish.empty", "No items are fine", .must) { scene in
            try expect("status", try await scene.control(body: #"{"items":[]}"#).status, is: 200)
        },
        .init("publish.half-surrogate", "Half of a surrogate pair, as of an emoji that was cut, loses no item", .must) {
            scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            let item = #"{"channel":"\#(scene.channel)","formats":{"http-stream":{"content":"#
            try await scene.publish(body: #"{"items":[\#(item)"(\ud83d)\n"}}},\#(item)"next\n"}}}]}"#)
            try await client.body(until: "next\n")
        },
        .init("publish.byte-order-mark", "A byte-order mark before a publish is skipped", .should) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            let item = #"{"channel":"\#(scene.channel)","formats":{"http-stream":{"content":"marked\n"}}}"#
            try await scene.publish(body: "\u{FEFF}{\"items\":[\(item)]}")
            try await client.body(until: "marked\n")
        },
        .init("publish.channels", "Items of one publish can have several channels", .must) { scene in
            let names = ["\(scene.channel)-a", "\(scene.channel)-b"]
            let first = try await scene.stream(scene.page(.response(.stream(names[0])), named: "a").path)
            let second = try await scene.stream(scene.page(.response(.stream(names[1])), named: "b").path)
            let items = [0, 1, 0].map { #"{"channel":"\#(names[$0])","http-stream":{"content":"\#($0),"}}"# }
            try await scene.publish(body: #"{"items":[\#(items.joined(separator: ",")),\#(item)]}"#)
            try expect("the first body", try await first.body(until: "0,0,"), is: "[open]\n0,0,")
            try expect("the second body", try await second.body(until: "1,"), is: "[open]\n1,")
        },
        .init("publish.all-or-nothing", "One bad item keeps the others from being published", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            let good = #"{"channel":"\#(scene.channel)","http-stream":{"content":"no,"}}"#
            let response = try await scene.control(body: #"{"items":[\#(good),{"channel":"x"},\#(good)]}"#)
            try expect("status", response.status, is: 400)
            try await scene.publish(.httpStream("yes,"))
            try expect("body", try await client.body(until: "yes,"), is: "[open]\nyes,")
        },
        .init("publish.formats-on-item", "Formats may stand on the item itself", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(
                body: #"{"items":[{"channel":"\#(scene.channel)","http-stream":{"content":"one,"}}]}"#
            )
            try await client.body(until: "one,")
        },
        .init("publish.unknown-members", "Unknown members do no harm", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            let formats = #"{"http-stream":{"content":"one,","x":1},"x-other":{"content":"no"}}"#
            let item = #"{"channel":"\#(scene.channel)","x":[1],"formats":\#(formats)}"#
            try await scene.publish(body: #"{"x":null,"items":[\#(item)]}"#)
            try await client.body(until: "one,")
        },
        .init("publish.unknown-format", "Items of unknown formats are accepted", .could) { scene in
            let body = #"{"items":[{"channel":"c","formats":{"x-other":{}}}]}"#
            try expect("status", try await scene.control(body: body).status, is: 200)
        },
        .init("publish.string-code", "A status may be text that is a number", .could) { scene in
            let body = #"{"items":[{"channel":"c","http-response":{"code":"200","body":""}}]}"#
            try expect("status", try await scene.control(body: body).status, is: 200)
        },
    ]

    private static func status(
        _ name: String,
        _ title: String,
        _ level: GRIPConformanceScenario.Level,
        _ status: Int,
        _ method: String,
        _ target: String,
        _ body: String
    ) -> GRIPConformanceScenario {
        .init("publish.\(name)", title, level) { scene in
            try expect("status", try await scene.control(method, target, body: body).status, is: status)
        }
    }
}
