import GRIP
import NIOCore

/// `Grip-Keep-Alive`.
///
/// Where items come between keep-alives, the pauses of the publisher are what the scenario is about.
enum KeepAliveScenarios {
    static let all: [GRIPConformanceScenario] = formats + modes

    private static let formats: [GRIPConformanceScenario] =
        [
            ("raw", "ping;timeout=1", "ping"),
            ("raw-escape", "ping\\n; format=raw; timeout=1", "ping\\n"),
            ("cstring", "\\x41\\\\\\r\\n; format=cstring; timeout=1", "A\\\r\n"),
            ("base64", "a2E=; format=base64; timeout=1", "ka"),
            ("interval", "ping; mode=interval; timeout=1", "ping"),
        ].map { (name: String, value: String, data: String) in
            .init("keep-alive.\(name)", "Keep-alive \"\(value)\" is sent again and again", .must, isSlow: true) {
                scene in
                let page = scene.page(.response(.stream(scene.channel, ["Grip-Keep-Alive": value])))
                let client = try await scene.stream(page.path)
                let body = try await client.body(ofAtLeast: 7 + 2 * data.utf8.count)
                try expect("body", String(buffer: body), is: "[open]\n" + data + data)
            }
        }

    private static let modes: [GRIPConformanceScenario] = [
        .init("keep-alive.idle", "Items put an idle keep-alive off", .should, isSlow: true) { scene in
            let page = scene.page(.response(.stream(scene.channel, ["Grip-Keep-Alive": "KA; timeout=4"])))
            let client = try await scene.stream(page.path)
            var last = ContinuousClock.now
            var longestPause = Duration.zero
            for number in 1...9 {
                try await Task.sleep(for: .milliseconds(500))
                try await scene.publish(.httpStream("\(number),"))
                let now = ContinuousClock.now
                longestPause = max(longestPause, now - last)
                last = now
            }
            var body = try await client.body(until: "9,")
            // A machine that is so slow cannot tell.
            if longestPause > .seconds(2) { body.replace("KA", with: "") }
            try expect("body", body, is: "[open]\n1,2,3,4,5,6,7,8,9,")
            try await client.body(until: "KA")
        },
        .init("keep-alive.interval-despite-items", "Items do not put off one with an interval", .should, isSlow: true) {
            scene in
            let fields: HeaderList = ["Grip-Keep-Alive": "KA; mode=interval; timeout=2"]
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel, fields))).path)
            for number in 1...7 {
                try await Task.sleep(for: .milliseconds(500))
                try await scene.publish(.httpStream("\(number),"))
            }
            let body = try await client.body(until: "7,")
            try expect("a keep-alive between items", body.contains("KA"), observed: body)
        },
        .init("keep-alive.json", "A document can ask for a keep-alive", .should, isSlow: true) { scene in
            let json = #"""
                {"hold":{"mode":"stream","channels":[{"name":"\#(scene.channel)"}],
                "keep-alive":{"content-bin":"a2E7","timeout":1}},"response":{"body":"[open]\n"}}
                """#
            let client = try await scene.stream(scene.page(.response(.instruct(json))).path)
            try expect("body", try await client.body(until: "ka;ka;"), is: "[open]\nka;ka;")
        },
        .init("keep-alive.empty", "An empty header asks for no keep-alive", .could) { scene in
            let page = scene.page(.response(.stream(scene.channel, ["Grip-Keep-Alive": ""])))
            let client = try await scene.stream(page.path)
            try await scene.publish(.httpStream("one\n"))
            try expect("body", try await client.body(until: "one\n"), is: "[open]\none\n")
        },
    ]
}
