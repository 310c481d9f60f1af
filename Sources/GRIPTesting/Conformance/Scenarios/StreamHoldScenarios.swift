import GRIP
import NIOCore

/// `Grip-Hold: stream` and what is published to it.
enum StreamHoldScenarios {
    static let all: [GRIPConformanceScenario] = [
        .init("hold.stream.publish", "A held stream begins with the origin's body and goes on with items", .must) {
            let page = $0.page(.response(.stream($0.channel)))
            let client = try await $0.begin("GET", page.path)
            let head = try await client.head()
            try expect("status", head.status, is: 200)
            try expect("Content-Type", head.fields["Content-Type"], is: "text/plain")
            try expect("chunks, and no Content-Length", head.isChunked, observed: head.fields.text)
            try await client.body(until: "[open]\n")
            try await $0.publish(.httpStream("one\n"))
            try await client.body(until: "one\n")
            try await $0.publish(.httpStream("two\n"))
            try expect("body", try await client.body(until: "two\n"), is: "[open]\none\ntwo\n")
        },
        .init("hold.stream.close", "The close action ends a stream with the last chunk", .must) {
            let client = try await $0.stream($0.page(.response(.stream($0.channel))).path)
            try await $0.publish(GRIPItem(.httpStream("last\n")), GRIPItem(.httpStreamClose))
            try expect("body", String(buffer: try await client.rest()), is: "[open]\nlast\n")
        },
    ]
}
