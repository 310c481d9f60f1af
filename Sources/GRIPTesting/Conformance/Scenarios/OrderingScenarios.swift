import GRIP

/// Ids of items: what is delivered once, and in which order.
enum OrderingScenarios {
    static let all: [GRIPConformanceScenario] = [
        .init("order.duplicate", "An id is delivered once", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            for _ in 1...3 { try await scene.publish(item("1", "1,")) }
            try await scene.publish(item("2", "2,"))
            try expect("body", try await client.body(until: "2,"), is: "[open]\n1,2,")
        },
        .init("order.duplicate-elsewhere", "The same id on another channel is another item", .must) { scene in
            let other = "\(scene.channel)-other"
            let client = try await scene.stream(scene.page(.response(.stream("\(scene.channel), \(other)"))).path)
            try await scene.publish(item("1", "a,"))
            try await scene.publish(item("1", "b,"), to: other)
            try expect("body", try await client.body(until: "b,"), is: "[open]\na,b,")
        },
        .init("order.duplicate-empty", "An empty id is an id", .could) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            for _ in 1...2 { try await scene.publish(item("", "empty,")) }
            try await scene.publish(item("2", "2,"))
            try expect("body", try await client.body(until: "2,"), is: "[open]\nempty,2,")
        },
        .init("order.no-ids", "Items without ids are never duplicates", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            for _ in 1...3 { try await scene.publish(.httpStream("same,")) }
            try await scene.publish(.httpStream("end"))
            try expect("body", try await client.body(until: "end"), is: "[open]\nsame,same,same,end")
        },
        .init("order.reordered", "Items that come in the wrong order are put in the right one", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(item("a", "a,"))
            for (id, previous) in [("e", "d"), ("d", "c"), ("c", "b"), ("b", "a")] {
                try await scene.publish(item(id, "\(id),", after: previous))
            }
            try expect("body", try await client.body(until: "e,"), is: "[open]\na,b,c,d,e,")
        },
        .init("order.one-publish", "The order is restored within one publish too", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(
                item("1", "1,"),
                item("3", "3,", after: "2"),
                item("2", "2,", after: "1")
            )
            try expect("body", try await client.body(until: "3,"), is: "[open]\n1,2,3,")
        },
        .init("order.no-seq", "An item that says so does not wait", .should) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(item("1", "1,"))
            try await scene.publish(
                GRIPItem(.httpStream("9,"), id: "9", previousID: "8", skipsSequencing: true)
            )
            try await scene.publish(item("2", "2,", after: "1"))
            try expect("body", try await client.body(until: "2,"), is: "[open]\n1,9,2,")
        },
        .init("order.gap", "An item whose predecessor does not come is delivered late", .should, isSlow: true) {
            scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(item("1", "1,"))
            let start = ContinuousClock.now
            try await scene.publish(item("3", "3,", after: "2"))
            let body = try await client.body(until: "3,", within: .seconds(12))
            let time = ContinuousClock.now - start
            try expect("body", body, is: "[open]\n1,3,")
            try expect("five seconds or a little more", time > .seconds(4), observed: "\(time)")
            try await scene.publish(item("4", "4,", after: "3"))
            try await client.body(until: "4,")
        },
        .init("order.first", "The first item of a channel waits for nothing", .must) { scene in
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel))).path)
            try await scene.publish(item("7", "7,", after: "6"))
            try expect("body", try await client.body(until: "7,", within: .seconds(3)), is: "[open]\n7,")
        },
    ]

    private static func item(_ id: String, _ content: String, after previous: String? = nil) -> GRIPItem {
        GRIPItem(.httpStream(.text(content)), id: id, previousID: previous)
    }
}
