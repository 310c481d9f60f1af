import GRIP

/// `Grip-Hold: response`, and what answers it.
enum ResponseHoldScenarios {
    static let all: [GRIPConformanceScenario] = items + others

    private static let items: [GRIPConformanceScenario] = [
        .init("hold.response.publish", "An item answers a held request", .must) { scene in
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel))))
            let response = try await scene.publish(.httpResponse("data\n"), untilAnswered: poll)
            try expect("status", "\(response.status) \(response.reason)", is: "200 OK")
            try expect("body", response.text, is: "data\n")
            try expect("Content-Length", response.fields.all("Content-Length"), is: ["5"])
        },
        .init("hold.response.headers", "An item's headers replace those of the held response", .must) { scene in
            let held: HeaderList = [
                "X-Orig": "held", "ETag": "\"held\"", "Set-Cookie": "a=1", "Grip-Set-Meta": "a=1",
            ]
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel, held, status: 201))))
            let format = #"""
                "http-response":{"code":202,"reason":"Fresh","body":"data",
                "headers":{"X-Orig":"item","X-New":"1","Grip-Hold":"stream"}}
                """#
            let response = try await scene.answer(poll) { try await scene.publish(formats: format) }
            try expect("status", "\(response.status) \(response.reason)", is: "202 Fresh")
            try expect("X-Orig", response.fields.all("X-Orig"), is: ["item"])
            try expect("X-New", response.fields["X-New"], is: "1")
            try expect("ETag", response.fields["ETag"], is: "\"held\"")
            try expect("Set-Cookie", response.fields["Set-Cookie"], is: "a=1")
            try expect("Content-Type", response.fields["Content-Type"], is: "text/plain")
            try expect("Grip headers", response.fields.names(beginningWith: "grip-"), is: [])
            try expect("body", response.text, is: "data")
        },
        .init("hold.response.default-status", "An item without a code answers 200, whatever is held", .must) { scene in
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel, status: 404))))
            let response = try await scene.answer(poll) {
                try await scene.publish(formats: #""http-response":{"body":"x"}"#)
            }
            try expect("status", "\(response.status) \(response.reason)", is: "200 OK")
        },
        .init("hold.response.header-list", "An item's headers may be a list, with repetition", .should) { scene in
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel))))
            let format = #""http-response":{"headers":[["X-R","2"],["X-R","1"]],"body-bin":"aGVsbG8="}"#
            let response = try await scene.answer(poll) { try await scene.publish(formats: format) }
            try expect("X-R", response.fields.all("X-R"), is: ["2", "1"])
            try expect("body", response.text, is: "hello")
        },
        .init("hold.response.empty-body", "An item may answer with an empty body", .should) { scene in
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel))))
            let response = try await scene.answer(poll) {
                try await scene.publish(formats: #""http-response":{"body":""}"#)
            }
            try expect("Content-Length", response.fields["Content-Length"], is: "0")
        },
        .init("hold.response.post", "A POST can be held", .must) { scene in
            let page = scene.page(.response(.poll(scene.channel)))
            let poll = try await scene.poll(page, "POST", body: "abc")
            let response = try await scene.publish(.httpResponse("data"), untilAnswered: poll)
            try expect("body", response.text, is: "data")
            try expect("the request's body", try await page.request().text, is: "abc")
        },
    ]

    private static let others: [GRIPConformanceScenario] = [
        .init("hold.response.other-formats", "Items without http-response do not answer", .must) { scene in
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel))))
            try await scene.settle()
            for _ in 1...3 {
                try await scene.publish(.httpStream("no"))
                try await scene.publish(.webSocketMessage("no"))
                try await scene.publish(.httpStreamClose)
            }
            let response = try await scene.publish(.httpResponse("yes"), untilAnswered: poll)
            try expect("body", response.text, is: "yes")
        },
        .init("hold.response.several-formats", "Of several formats each client takes its own", .must) { scene in
            let stream = try await scene.stream(scene.page(.response(.stream(scene.channel)), named: "s").path)
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel))))
            let item = try GRIPItem([.httpStream("for the stream;"), .httpResponse("for the poll")])
            let response = try await scene.answer(poll) { try await scene.publish(item) }
            try expect("the poll's body", response.text, is: "for the poll")
            try await stream.body(until: "for the stream;")
        },
        .init("hold.response.all", "An item answers all requests held on its channel", .must) { scene in
            let page = scene.page(.response(.poll(scene.channel)))
            let polls = [try await scene.poll(page), try await scene.poll(page, requests: 2)]
            try await scene.settle()
            try await scene.publish(.httpResponse("both"))
            for poll in polls {
                let response = try await scene.publish(.httpResponse("both"), untilAnswered: poll)
                try expect("body", response.text, is: "both")
            }
        },
        .init("hold.response.any-channel", "An item of any of the channels answers", .must) { scene in
            let names = ["\(scene.channel)-a", "\(scene.channel)-b"]
            let page = scene.page(.response(.poll(names.joined(separator: ", "))))
            let poll = try await scene.poll(page)
            let response = try await scene.publish(.httpResponse("b"), to: names[1], untilAnswered: poll)
            try expect("body", response.text, is: "b")
        },
        .init("hold.response.reuse", "A connection can poll again and again", .must) { scene in
            let page = scene.page(.response(.poll(scene.channel)))
            let client = try await scene.connect()
            for number in 1...3 {
                try await client.request("GET", page.path)
                let response = try await scene.publish(.httpResponse("\(number)"), untilAnswered: client)
                try expect("body", response.text, is: "\(number)")
            }
        },
        .init("hold.response.client-gone", "A client that leaves does not disturb the next", .must) { scene in
            let page = scene.page(.response(.poll(scene.channel)))
            try await scene.poll(page).close()
            try await scene.settle()
            try await scene.publish(.httpResponse("to nobody"))
            let poll = try await scene.poll(page, requests: 2)
            let response = try await scene.publish(.httpResponse("one"), untilAnswered: poll)
            try expect("body", response.text, is: "one")
        },
    ]

}
