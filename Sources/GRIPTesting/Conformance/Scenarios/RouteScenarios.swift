import GRIP

/// What the options of routes change.
enum RouteScenarios {
    static let all: [GRIPConformanceScenario] = [
        .init("route.replaced-path", "A route replaces the beginning of the path", .must) { scene in
            let page = scene.page(.response(OriginResponse(body: "replaced")), under: "/new")
            let response = try await scene.fetch("GET", scene.path(under: "/old") + "?q=/old")
            try expect("body", response.text, is: "replaced")
            try expect("target", try await page.request().target, is: page.path + "?q=/old")
        },
        .init("route.prefix.stream", "A route's prefix is part of the channels' names", .must) { scene in
            let page = scene.page(.response(.stream(scene.channel)), under: "/prefixed")
            let client = try await scene.stream(page.path)
            try await scene.publish(.httpStream("without,"))
            try await scene.publish(.httpStream("with,"), to: "px-" + scene.channel)
            try expect("body", try await client.body(until: "with,"), is: "[open]\nwith,")
        },
        .init("route.prefix.response", "The prefix is part of the channels of held responses", .must) { scene in
            let poll = try await scene.poll(scene.page(.response(.poll(scene.channel)), under: "/prefixed"))
            try await scene.settle()
            try await scene.publish(.httpResponse("without"))
            let response = try await scene.publish(
                .httpResponse("with"),
                to: "px-" + scene.channel,
                untilAnswered: poll
            )
            try expect("body", response.text, is: "with")
        },
        .init("route.prefix.last-id", "Grip-Last names channels as the origin does", .must) { scene in
            let page = scene.page(
                .response(.poll("\(scene.channel); prev-id=1")),
                .response(OriginResponse(body: "caught up")),
                under: "/prefixed"
            )
            let poll = try await scene.poll(page)
            try await scene.settle()
            let item = GRIPItem(.httpResponse("three"), id: "3", previousID: "2")
            try await scene.publish(item, to: "px-" + scene.channel)
            try expect("body", try await poll.response().text, is: "caught up")
            try expect("Grip-Last", page.requests[1].fields.all("Grip-Last"), is: ["\(scene.channel); last-id=1"])
        },
        .init("route.prefix.websocket", "The prefix is part of the channels of WebSockets", .must) { scene in
            let page = scene.page(.subscribing(scene.channel), under: "/prefixed")
            let socket = try await scene.webSocket(page.path)
            try await scene.synchronize(socket, on: "px-" + scene.channel)
            try await scene.publish(.webSocketMessage("without"))
            try await scene.publish(.webSocketMessage("with"), to: "px-" + scene.channel)
            try await socket.expect(.text("with"))
        },
    ]
}
