import GRIP
import NIOCore

/// `Grip-Link` with `rel=next`: streams in pages, and streams that catch up.
enum NextLinkScenarios {
    static let all: [GRIPConformanceScenario] = paging + catchingUp + failures

    private static let paging: [GRIPConformanceScenario] = [
        .init("next.pages", "Pages are put together into one response with the first one's headers", .must) { scene in
            let paths = (1...3).map { scene.path("page\($0)") }
            let pages = [
                scene.page(
                    .response(OriginResponse(200, ["Own-One": "1"] + link(paths[1]), body: "one,")),
                    named: "page1"
                ),
                scene.page(
                    .response(OriginResponse(201, ["Own-Two": "2"] + link("page3"), body: "two,")),
                    named: "page2"
                ),
                scene.page(.response(OriginResponse(200, ["Own-Three": "3"], body: "three")), named: "page3"),
            ]
            let client = try await scene.begin("GET", pages[0].path)
            let head = try await client.head()
            try expect("status", head.status, is: 200)
            try expect("own headers", head.fields.names(beginningWith: "Own-"), is: ["Own-One"])
            try expect("Grip headers", head.fields.names(beginningWith: "grip-"), is: [])
            try expect("body", String(buffer: try await client.rest()), is: "one,two,three")
        },
        .init("next.request", "The next page is fetched without anything of the client's", .must) { scene in
            let next = scene.page(.response(OriginResponse(body: "two")), named: "next")
            let page = scene.page(.response(OriginResponse(200, link(next.path + "?after=1"), body: "one")))
            let fields: HeaderList = ["Cookie": "a=1", "X-Own": "1", "Authorization": "Basic Zm9v"]
            _ = try await scene.fetch("POST", page.path, fields, body: "abc")
            let request = try await next.request()
            try expect("the request", request.head.startLine, is: "GET \(next.path)?after=1 HTTP/1.1")
            for line in fields.lines { try expect(line.name, request.fields[line.name], is: nil) }
            try expect("body", request.text, is: "")
            try expect("Grip-Sig", request.fields["Grip-Sig"] != nil, observed: request.fields.text)
            try expect("Grip-Feature", request.fields["Grip-Feature"] != nil, observed: request.fields.text)
        },
        .init("next.elsewhere", "The next page may be on another server", .should) { scene in
            let next = scene.page(.response(OriginResponse(body: "two")), named: "next")
            let url = "http://127.0.0.1:\(scene.target.originPort)\(next.path)"
            let page = scene.page(.response(OriginResponse(200, link(url), body: "one,")))
            try expect("body", try await scene.fetch("GET", page.path).text, is: "one,two")
        },
        .init("next.then-hold", "The last page can hold", .must) { scene in
            let next = scene.page(.response(.stream(scene.channel, body: "two,")), named: "next")
            let page = scene.page(.response(OriginResponse(200, link(next.path), body: "one,")))
            let client = try await scene.stream(page.path, begins: "one,two,")
            try await scene.publish(GRIPItem(.httpStream("three")), GRIPItem(.httpStreamClose))
            try expect("body", String(buffer: try await client.rest()), is: "one,two,three")
        },
        .init("next.replaced-path", "A next link is a client's path, which routes rewrite", .should) { scene in
            let next = scene.page(.response(OriginResponse(body: "two")), named: "next", under: "/new")
            let link = Self.link(scene.path("next", under: "/old"))
            let page = scene.page(.response(OriginResponse(200, link, body: "one,")), under: "/new")
            let response = try await scene.fetch("GET", scene.path(under: "/old"))
            try expect("body", response.text, is: "one,two")
            try expect("requests", [page.requests.count, next.requests.count], is: [1, 1])
        },
        .init("next.response-hold", "A page cannot hold a response", .could) { scene in
            let next = scene.page(.response(.poll(scene.channel, body: "two")), named: "next")
            let page = scene.page(.response(OriginResponse(200, link(next.path), body: "one,")))
            let client = try await scene.begin("GET", page.path)
            _ = try await client.head()
            try expect("the beginning of the body", String(buffer: try await client.rest()).hasPrefix("one,"), is: true)
        },
    ]

    private static let catchingUp: [GRIPConformanceScenario] = [
        .init("next.gap", "An item that does not follow is fetched from the next page", .must) { scene in
            let warm = try await scene.warmChannel()
            defer { warm.close() }
            let next = scene.page(named: "next")
            next.answer([.response(.page("\(scene.channel); prev-id=3", next: next.path, body: "2,3,"))])
            let page = scene.page(.response(.page("\(scene.channel); prev-id=1", next: next.path, body: "[open]\n")))
            let client = try await scene.stream(page.path)
            try await scene.publish(item("3", after: "2"))
            try await client.body(until: "2,3,")
            let last = try await next.request().fields.all("Grip-Last")
            try expect("Grip-Last", last, is: ["\(scene.channel); last-id=1"])
            try await scene.publish(item("3", after: "2"), item("4", after: "3"))
            try expect("body", try await client.body(until: "4,"), is: "[open]\n2,3,4,")
        },
        .init("next.follows", "Items that follow each other are delivered", .must) { scene in
            let warm = try await scene.warmChannel()
            defer { warm.close() }
            let next = scene.page(named: "next")
            next.answer([.response(.page("\(scene.channel); prev-id=2", next: next.path, body: ""))])
            let page = scene.page(.response(.page("\(scene.channel); prev-id=0", next: next.path, body: "[open]\n")))
            let client = try await scene.stream(page.path)
            try await scene.publish(item("1", after: "0"), item("2", after: "1"))
            try expect("body", try await client.body(until: "2,"), is: "[open]\n1,2,")
        },
        .init("next.hint", "A hint makes the proxy fetch the next page", .should) { scene in
            let warm = try await scene.warmChannel()
            defer { warm.close() }
            let next = scene.page(named: "next")
            next.answer([.response(.page("\(scene.channel); prev-id=2", next: next.path, body: "hinted,"))])
            let page = scene.page(.response(.page("\(scene.channel); prev-id=1", next: next.path, body: "[open]\n")))
            let client = try await scene.stream(page.path)
            try await scene.publish(GRIPItem(.httpStreamHint, id: "2", previousID: "1"))
            try await client.body(until: "hinted,")
        },
        .init("next.other-channels", "A page can change the channels", .should) { scene in
            let warm = try await scene.warmChannel()
            defer { warm.close() }
            let other = "\(scene.channel)-other"
            let next = scene.page(named: "next")
            next.answer([.response(.page(other, next: next.path, body: "changed,"))])
            let page = scene.page(.response(.page(scene.channel, next: next.path, body: "[open]\n")))
            let client = try await scene.stream(page.path)
            try await scene.publish(.httpStreamHint)
            try await client.body(until: "changed,")
            try await scene.publish(.httpStream("old,"))
            try await scene.publish(.httpStream("new,"), to: other)
            try expect("body", try await client.body(until: "new,"), is: "[open]\nchanged,new,")
        },
        .init("next.first-subscriber", "A second after a channel's first subscriber the next page is fetched", .should)
        {
            scene in
            let next = scene.page(named: "next")
            next.answer([.response(.page("\(scene.channel); prev-id=2", next: next.path, body: "again,"))])
            let page = scene.page(.response(.page("\(scene.channel); prev-id=1", next: next.path, body: "[open]\n")))
            let client = try await scene.stream(page.path)
            let last = try await next.request(within: .seconds(3)).fields.all("Grip-Last")
            try expect("Grip-Last", last, is: ["\(scene.channel); last-id=1"])
            try await client.body(until: "again,")
        },
        .init("next.shared", "Clients that follow the same link at the same time share a request", .could) { scene in
            let gate = Watched(false)
            let next = scene.page(
                .serving { exchange in
                    try await exchange.readBody()
                    _ = try await gate.first(within: .seconds(20)) { $0 ? true : nil }
                    try await exchange.send(OriginResponse(body: "two"))
                },
                named: "next"
            )
            let page = scene.page(.response(OriginResponse(200, link(next.path), body: "one,")))
            var clients: [ClientConnection] = []
            for _ in 1...24 { clients.append(try await scene.stream(page.path, begins: "one,")) }
            try await next.request()
            try await scene.settle()
            gate.change { $0 = true }
            for client in clients { try expect("body", String(buffer: try await client.rest()), is: "one,two") }
            // A proxy with several event loops may ask once on each.
            let isShared = next.requests.count <= clients.count / 2
            try expect("whether at most half of the clients make a request", isShared, is: true)
        },
        .init("next.without-link", "A stream with prev-id and without a next link ends", .should) { scene in
            let page = scene.page(.response(.stream("\(scene.channel); prev-id=1")))
            try expect("body", try await scene.fetch("GET", page.path).text, is: "[open]\n")
        },
        .init("next.prev-id-without-value", "A prev-id without a value, but with its sign, is one", .could) { scene in
            let page = scene.page(.response(.stream("\(scene.channel); prev-id=")))
            try expect("body", try await scene.fetch("GET", page.path).text, is: "[open]\n")
        },
        .init("next.empty-prev-id", "An empty prev-id in quotes is none", .could) { scene in
            let client = try await scene.stream(
                scene.page(.response(.stream("\(scene.channel); prev-id=\"\""))).path
            )
            try await scene.publish(.httpStream("one\n"))
            try await client.body(until: "one\n")
        },
        .init("next.timeout", "Without items the next page is fetched after the timeout", .should, isSlow: true) {
            scene in
            let next = scene.page(named: "next")
            next.answer([.response(.page(scene.channel, next: next.path, timeout: 2, body: "again,"))])
            let first = OriginResponse.page(scene.channel, next: next.path, timeout: 2, body: "[open]\n")
            let client = try await scene.stream(scene.page(.response(first)).path)
            try await client.body(until: "again,again,again,", within: .seconds(15))
        },
    ]

    private static let failures: [GRIPConformanceScenario] = [
        .init("next.retried", "A page that fails is fetched again", .should, isSlow: true) { scene in
            let next = scene.page(
                .response(OriginResponse(500, body: "no")),
                .response(OriginResponse(404, body: "no")),
                .response(OriginResponse(body: "two")),
                named: "next"
            )
            let page = scene.page(.response(OriginResponse(200, link(next.path), body: "one,")))
            let client = try await scene.begin("GET", page.path)
            _ = try await client.head()
            try expect("body", String(buffer: try await client.rest(within: .seconds(15))), is: "one,two")
        }
    ]

    private static func link(_ target: String) -> HeaderList { ["Grip-Link": "<\(target)>; rel=next"] }

    private static func item(_ id: String, after previous: String) -> GRIPItem {
        GRIPItem(.httpStream(.text("\(id),")), id: id, previousID: previous)
    }
}
