import GRIP
import NIOCore

/// `Grip-Link` with `rel=gone`: the origin hears of the end.
enum GoneLinkScenarios {
    static let all: [GRIPConformanceScenario] = [
        .init("gone.client", "The origin is told when a client that holds has gone", .should) { scene in
            let gone = scene.page(.response(OriginResponse(200)), named: "gone")
            let fields: HeaderList = ["Grip-Link": "<\(gone.path)>; rel=gone"]
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel, fields))).path)
            client.close()
            try await expectGone(gone)
        },
        .init("gone.closed", "The origin is told when a stream was closed", .should) { scene in
            let gone = scene.page(.response(OriginResponse(200)), named: "gone")
            let fields: HeaderList = ["Grip-Link": "<\(gone.path)>; rel=gone"]
            let client = try await scene.stream(scene.page(.response(.stream(scene.channel, fields))).path)
            try await scene.publish(.httpStreamClose)
            try await client.rest()
            try await expectGone(gone)
        },
    ]

    private static func expectGone(_ page: OriginPage) async throws {
        let request = try await page.request(within: .seconds(3))
        try expect("method", request.method, is: "POST")
        try expect("Content-Length", request.fields["Content-Length"], is: "0")
        try expect("Grip-Sig", request.fields["Grip-Sig"] != nil, observed: request.fields.text)
    }
}
