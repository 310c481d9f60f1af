import GRIP

/// Held responses whose client has missed something: the proxy asks the origin again.
enum RetryScenarios {
    static let all: [GRIPConformanceScenario] = [
        .init("retry.conflict", "A hold that comes too late is asked for again at once", .must) { scene in
            let warm = try await scene.warmChannel()
            try await scene.publish(item("2", after: "1"))
            try await warm.body(until: "item 2")
            let page = scene.page(
                .response(.poll("\(scene.channel); prev-id=1")),
                .response(OriginResponse(body: "caught up"))
            )
            let response = try await scene.fetch("POST", page.path + "?q=1", ["X-Own": "1"], body: "abc")
            try expect("body", response.text, is: "caught up")
            try expectSameRequest(page.requests)
            try expect("Grip-Last", page.requests[1].fields.all("Grip-Last"), is: ["\(scene.channel); last-id=1"])
        },
        .init("retry.first-request", "A new request has no Grip-Last", .must) { scene in
            let page = scene.page(.response(.poll("\(scene.channel); prev-id=1")))
            let poll = try await scene.poll(page)
            try expect("Grip-Last", try await page.request().fields["Grip-Last"], is: nil)
            try expect("Grip-Feature", try await page.request().fields["Grip-Feature"] != nil, is: true)
            poll.close()
        },
        .init("retry.no-conflict", "A hold that is up to date waits", .must) { scene in
            let warm = try await scene.warmChannel()
            try await scene.publish(item("2", after: "1"))
            try await warm.body(until: "item 2")
            let page = scene.page(.response(.poll("\(scene.channel); prev-id=2")))
            let poll = try await scene.poll(page)
            try await scene.settle()
            try await scene.publish(GRIPItem(.httpResponse("three"), id: "3", previousID: "2"))
            try expect("body", try await poll.response().text, is: "three")
            try expect("requests", page.requests.count, is: 1)
        },
        .init("retry.gap", "An item that does not follow makes the proxy ask again", .must) { scene in
            try await expectRetry(scene, after: GRIPItem(.httpResponse("three"), id: "3", previousID: "2"))
        },
        .init("retry.no-ids", "An item without ids makes the proxy ask again", .could) { scene in
            try await expectRetry(scene, after: GRIPItem(.httpResponse("three")))
        },
        .init("retry.hint", "A hint makes the proxy ask again", .should) { scene in
            try await expectRetry(scene, after: GRIPItem(.httpResponseHint))
        },
        .init("retry.hint-without-id", "A hint does so without prev-id, and without Grip-Last", .should) { scene in
            let warm = try await scene.warmChannel()
            defer { warm.close() }
            let page = scene.page(.response(.poll(scene.channel)), .response(OriginResponse(body: "asked again")))
            let poll = try await scene.poll(page)
            try await scene.settle()
            try await scene.publish(.httpResponseHint)
            try expect("body", try await poll.response().text, is: "asked again")
            try expect("Grip-Last", page.requests[1].fields["Grip-Last"], is: nil)
        },
        .init("retry.several-channels", "Grip-Last has a line for each channel with a prev-id", .should) { scene in
            let warm = try await scene.warmChannel()
            defer { warm.close() }
            let names = ["a", "b"].map { "\(scene.channel)-\($0)" }
            let channels = "\(scene.channel), \(names[0]); prev-id=1, \(names[1]); prev-id=\"x y\""
            let page = scene.page(.response(.poll(channels)), .response(OriginResponse(body: "asked again")))
            let poll = try await scene.poll(page)
            try await scene.settle()
            try await scene.publish(.httpResponseHint)
            try expect("body", try await poll.response().text, is: "asked again")
            let lines = page.requests[1].fields.all("Grip-Last").sorted()
            try expect("Grip-Last", lines, is: ["\(names[0]); last-id=1", "\(names[1]); last-id=x y"])
        },
        .init("retry.recover", "Recovering makes the proxy ask again for all it holds", .could, isAlone: true) {
            scene in
            let warm = try await scene.warmChannel()
            defer { warm.close() }
            let page = scene.page(.response(.poll(scene.channel)), .response(OriginResponse(body: "asked again")))
            let poll = try await scene.poll(page)
            try await scene.settle()
            let response = try await scene.control("POST", "/recover/", body: "")
            try expect("the control API's answer", "\(response.status) \(response.text)", is: "200 Updated\n")
            try expect("body", try await poll.response().text, is: "asked again")
        },
        .init("retry.follows", "An item that follows answers", .must) { scene in
            let page = scene.page(.response(.poll("\(scene.channel); prev-id=1")))
            let poll = try await scene.poll(page)
            try await scene.settle()
            try await scene.publish(GRIPItem(.httpResponse("two"), id: "2", previousID: "1"))
            try expect("body", try await poll.response().text, is: "two")
        },
        .init("retry.hold-again", "The answer to a repeated request can hold again", .must) { scene in
            let warm = try await scene.warmChannel()
            defer { warm.close() }
            let page = scene.page(
                .response(.poll("\(scene.channel); prev-id=1")),
                .response(.poll("\(scene.channel); prev-id=3", ["X-Second": "1"]))
            )
            let poll = try await scene.poll(page)
            try await scene.settle()
            try await scene.publish(GRIPItem(.httpResponse("three"), id: "3", previousID: "2"))
            try await page.request(2)
            try await scene.settle()
            try await scene.publish(GRIPItem(.httpResponse("four"), id: "4", previousID: "3"))
            let response = try await poll.response()
            try expect("body", response.text, is: "four")
            try expect("X-Second", response.fields["X-Second"], is: "1")
        },
        .init("retry.first-subscriber", "A second after a channel's first subscriber the proxy asks again", .should) {
            scene in
            let page = scene.page(.response(.poll(scene.channel)))
            let start = ContinuousClock.now
            let poll = try await scene.poll(page)
            try await page.request(2, within: .seconds(3))
            let time = ContinuousClock.now - start
            try expect("about a second between the requests", time > .milliseconds(700), observed: "\(time)")
            try await scene.publish(.httpResponse("data"), untilAnswered: poll)
        },
    ]

    private static func item(_ id: String, after previous: String) -> GRIPItem {
        GRIPItem(.httpStream(.text("item \(id)")), id: id, previousID: previous)
    }

    /// Holds with prev-id 1 and expects an item to make the proxy ask again.
    private static func expectRetry(_ scene: ConformanceEnvironment, after item: GRIPItem) async throws {
        let warm = try await scene.warmChannel()
        defer { warm.close() }
        let page = scene.page(
            .response(.poll("\(scene.channel); prev-id=1")),
            .response(OriginResponse(body: "caught up"))
        )
        let poll = try await scene.poll(page)
        try await scene.settle()
        try await scene.publish(item)
        try expect("body", try await poll.response().text, is: "caught up")
        try expect("Grip-Last", page.requests[1].fields.all("Grip-Last"), is: ["\(scene.channel); last-id=1"])
    }

    private static func expectSameRequest(_ requests: [OriginRequest]) throws {
        try expect("requests", requests.count, is: 2)
        try expect("the second one's first line", requests[1].head.startLine, is: requests[0].head.startLine)
        try expect("its own header", requests[1].fields["X-Own"], is: "1")
        try expect("its body", requests[1].text, is: requests[0].text)
        try expect("a signature", requests[1].fields["Grip-Sig"] != nil, observed: requests[1].fields.text)
    }
}
