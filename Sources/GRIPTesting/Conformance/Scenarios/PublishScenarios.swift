import GRIP
import NIOCore

/// The control API over HTTP.
enum PublishScenarios {
    static let all: [GRIPConformanceScenario] = answers + batches + mistakes + transport

    private static let item = #"{"channel":"nobody","formats":{"http-stream":{"content":"a"}}}"#
    private static let body = #"{"items":[\#(item)]}"#

    private static let answers: [GRIPConformanceScenario] =
        ["/publish/", "/publish"].map { path in
            .init("publish.ok.\(path.hasSuffix("/") ? "slash" : "no-slash")", "POST \(path) publishes", .must) { scene in
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
        ] + ["GET", "PUT", "DELETE"].map { method in
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

    /// Bodies that are mistakes, with the reasons that publishers are told.
    private static let mistakes: [GRIPConformanceScenario] =
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
        } + itemMistakes.map { (name: String, json: String, reason: String?) in
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

    private static let transport: [GRIPConformanceScenario] = [
        .init("publish.no-length", "A publish without a length is refused", .should) { scene in
            let client = try await scene.connectToControl()
            try await client.send("POST /publish/ HTTP/1.1\r\nHost: a\r\n\r\n")
            try expect("status", try await client.response().status, is: 411)
        },
        .init("publish.large", "A publish may have 990 kB", .must) { scene in
            let content = String(repeating: "x", count: 990_000)
            let body = #"{"items":[{"channel":"nobody","http-stream":{"content":"\#(content)"}}]}"#
            try expect("status", try await scene.control(body: body).status, is: 200)
        },
        .init("publish.too-large", "A publish of more than a megabyte is refused", .should) { scene in
            let client = try await scene.connectToControl()
            try await client.send("POST /publish/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\n\r\n")
            let status = try await client.response().status
            try expect("an error", [400, 413].contains(status), observed: "\(status)")
        },
        .init("publish.continue", "A publisher that waits for 100 Continue gets it", .should) { scene in
            let client = try await scene.connectToControl()
            let fields: HeaderList = ["Content-Length": "\(body.utf8.count)", "Expect": "100-continue"]
            try await client.request("POST", "/publish/", fields)
            try expect("the interim status", try await client.head().status, is: 100)
            try await client.send(body)
            try expect("status", try await client.response().status, is: 200)
        },
        .init("publish.byte-by-byte", "A publish that trickles is published", .must) { scene in
            let stream = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            let body = #"{"items":[{"channel":"\#(scene.channel)","http-stream":{"content":"slow"}}]}"#
            let client = try await scene.connectToControl()
            let text = "POST /publish/ HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            for byte in text.utf8 { try await client.send(ByteBuffer(bytes: [byte])) }
            try expect("status", try await client.response().status, is: 200)
            try await stream.body(until: "slow")
        },
        .init("publish.garbage", "What is not HTTP is refused, and the next publish works", .must) { scene in
            let client = try await scene.connectToControl()
            try await client.send("this is not HTTP\r\n\r\n")
            let status = try await client.headIfAny(within: .seconds(2))?.status
            try expect("an error, or nothing", (400..<500).contains(status ?? 400), observed: "\(status ?? 0)")
            client.close()
            try expect("the next status", try await scene.control(body: body).status, is: 200)
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
