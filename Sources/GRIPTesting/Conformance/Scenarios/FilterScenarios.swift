import GRIP
import NIOCore

/// Filters of subscriptions, and what they know.
enum FilterScenarios {
    static let all: [GRIPConformanceScenario] = delivery + content

    private static let delivery: [GRIPConformanceScenario] = [
        delivery(
            "skip-self",
            "Clients do not receive what they have published",
            ["user": "bob"],
            dropped: [["sender": "bob"]],
            delivered: [["sender": "al"], [:]]
        ),
        delivery(
            "skip-users",
            "Items can be kept from users",
            ["user": "bob"],
            dropped: [["skip_users": "al, bob"], ["skip_users": "bob"]],
            delivered: [["skip_users": "bobby, al"], ["skip_users": ""]]
        ),
        delivery(
            "require-sub",
            "Items can require another subscription",
            [:],
            dropped: [["require_sub": "nobody-subscribes-to-this"]],
            delivered: [[:]]
        ),
        delivery("unheard-of", "An unknown filter does nothing", [:], dropped: [], delivered: [[:]]),
    ]

    /// Items with one meta are dropped, those with another are delivered.
    private static func delivery(
        _ filter: String,
        _ title: String,
        _ meta: [String: String],
        dropped: [[String: String]],
        delivered: [[String: String]]
    ) -> GRIPConformanceScenario {
        .init("filter.\(filter)", title, filter == "require-sub" || filter == "unheard-of" ? .should : .must) { scene in
            var fields = HeaderList()
            for (name, value) in meta { fields.append("Grip-Set-Meta", "\(name)=\(value)") }
            let page = scene.page(.response(.stream("\(scene.channel); filter=\(filter)", fields)))
            let client = try await scene.stream(page.path)
            for meta in dropped { try await scene.publish(GRIPItem(.httpStream("dropped,"), meta: meta)) }
            for meta in delivered { try await scene.publish(GRIPItem(.httpStream("delivered,"), meta: meta)) }
            try await scene.publish(.httpStream("end"))
            let expected = "[open]\n" + delivered.map { _ in "delivered," }.joined() + "end"
            try expect("body", try await client.body(until: "end"), is: expected)
        }
    }

    private static let content: [GRIPConformanceScenario] = [
        .init("filter.require-sub.subscribed", "Items whose required subscription is there arrive", .should) { scene in
            let other = "\(scene.channel)-other"
            let page = scene.page(.response(.stream("\(scene.channel); filter=require-sub, \(other)")))
            let client = try await scene.stream(page.path)
            try await scene.publish(GRIPItem(.httpStream("one,"), meta: ["require_sub": other]))
            try await scene.publish(.httpStream("end"))
            try expect("body", try await client.body(until: "end"), is: "[open]\none,end")
        },
        .init("filter.response", "Filters work for held responses too", .must) { scene in
            let page = scene.page(
                .response(.poll("\(scene.channel); filter=skip-self", ["Grip-Set-Meta": "user=bob"]))
            )
            let poll = try await scene.poll(page)
            try await scene.settle()
            for _ in 1...3 { try await scene.publish(GRIPItem(.httpResponse("own"), sender: "bob")) }
            let response = try await scene.publish(.httpResponse("other"), untilAnswered: poll)
            try expect("body", response.text, is: "other")
        },
        .init("filter.var-subst", "Variables in items become the client's meta", .should) { scene in
            let fields: HeaderList = ["Grip-Set-Meta": "user=bob, q=\"a; b\""]
            let page = scene.page(.response(.stream("\(scene.channel); filter=var-subst", fields)))
            let client = try await scene.stream(page.path)
            try await scene.publish(.httpStream("1 %(user)s %% %(q)s\n"))
            try expect("body", try await client.body(until: "b\n"), is: "[open]\n1 bob % a; b\n")
        },
        .init("filter.var-subst.unknown", "An unknown variable does not end the stream", .should) { scene in
            let page = scene.page(.response(.stream("\(scene.channel); filter=var-subst")))
            let client = try await scene.stream(page.path)
            try await scene.publish(.httpStream("%(nobody)s"))
            try await scene.publish(.httpStream("end"))
            let body = try await client.body(until: "end", within: .seconds(3))
            try expect("no text for the variable", !body.contains("nobody"), observed: body)
        },
        .init("filter.build-id", "Ids in items are built from a template", .should) { scene in
            let next = scene.page(named: "next")
            let channel = "\(scene.channel); prev-id=1; filter=build-id"
            next.answer([.response(.page(channel, next: next.path, body: ""))])
            var response = OriginResponse.page(channel, next: next.path, body: "[open]\n")
            response.fields.append("Grip-Set-Meta", "id_format=\"id-%(\(scene.channel))s\"")
            let client = try await scene.stream(scene.page(.response(response)).path)
            try await scene.publish(GRIPItem(.httpStream("<%I> <%(R2D2)I>\n"), id: "2", previousID: "1"))
            try expect("body", try await client.body(until: ">\n"), is: "[open]\n<id-2> <R2D2>\n")
        },
        .init("filter.build-id.beginning", "Ids in the beginning of a stream are built too", .could) { scene in
            let fields: HeaderList = ["Grip-Set-Meta": "id_format=x, id_encoding=hex"]
            let page = scene.page(
                .response(.stream("\(scene.channel); filter=build-id", fields, body: "<%(AB)I>[open]\n"))
            )
            let client = try await scene.stream(page.path)
            try expect("body", String(buffer: client.body), is: "<4142>[open]\n")
        },
        .init("filter.content-filters.same", "Items may name the filters they count on", .should) { scene in
            let fields: HeaderList = ["Grip-Set-Meta": "user=bob"]
            let page = scene.page(.response(.stream("\(scene.channel); filter=var-subst", fields)))
            let client = try await scene.stream(page.path)
            try await scene.publish(formats: #""http-stream":{"content":"%(user)s\n","content-filters":["var-subst"]}"#)
            try await client.body(until: "bob\n")
        },
        .init("filter.content-filters.other", "An item that counts on other filters is skipped", .should) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(formats: #""http-stream":{"content":"no,","content-filters":["var-subst"]}"#)
            try await scene.publish(.httpStream("end"))
            try expect("body", try await client.body(until: "end"), is: "[open]\nend")
        },
    ]
}
