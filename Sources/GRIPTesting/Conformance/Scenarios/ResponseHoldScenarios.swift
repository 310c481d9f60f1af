import GRIP
import NIOCore

/// `Grip-Hold: response`, and what answers it.
enum ResponseHoldScenarios {
    static let all: [GRIPConformanceScenario] = [
        .init("hold.response.publish", "An item answers a held request", .must) {
            let page = $0.page(.response(.poll($0.channel)))
            let poll = try await $0.poll(page)
            let response = try await $0.publish(.httpResponse("data\n"), untilAnswered: poll)
            try expect("status", response.status, is: 200)
            try expect("body", response.text, is: "data\n")
            try expect("Content-Length", response.fields["Content-Length"], is: "5")
        }
    ]
}
