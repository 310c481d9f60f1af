import Hummingbird
import HummingbirdGRIP
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import demo

/// The demo as its users see it first: alone, with the proxy in it.
@Suite("Embedded: demo", .serialized, .timeLimit(.minutes(5))) struct EmbeddedDemoTests {
    private func withDemo(_ body: @Sendable (_ url: String) async throws -> Void) async throws {
        let grip = try GRIPOrigin(GRIPConfiguration())
        let ports = Mailbox<Int>()
        try await withApplication(
            { onServerRunning in
                DemoApplication.make(
                    grip: grip,
                    address: DemoAddress(host: "127.0.0.1", port: 0),
                    logger: Logger(label: "demo"),
                    onServerRunning: { channel in
                        ports.put(channel.localAddress?.port ?? 0)
                        await onServerRunning(channel)
                    }
                )
            },
            {
                let port = try #require(try await ports.next(within: .seconds(60)))
                try await body("http://127.0.0.1:\(port)")
            }
        )
    }

    @Test("What one window sends the other shows", .needsBrowser)
    func twoWindows() async throws {
        try await self.withDemo { url async throws in
            try await withBrowser { browser async throws in
                try await browser.open(url)
                let first = try await browser.currentWindow()
                let second = try await browser.newWindow()
                try await browser.switchTo(second)
                try await browser.open(url)
                for window in [first, second] {
                    try await browser.switchTo(window)
                    for panel in ["stream", "object"] { try await browser.waitUntil(DemoPage.isLive(panel)) }
                }
                for (from, to) in [(first, second), (second, first)] {
                    for panel in ["stream", "object"] {
                        let message = "<b>\(panel)</b> & grüße to \(to == first ? "one" : "two")"
                        try await browser.switchTo(from)
                        try await browser.element("#\(panel)-input").type(message)
                        try await browser.element("#\(panel)-send").click()
                        for window in [to, from] {
                            try await browser.switchTo(window)
                            try await browser.waitUntil(DemoPage.shows(message, in: panel))
                        }
                    }
                }
            }
        }
    }

    @Test("The commands of the README work")
    func commands() async throws {
        try await self.withDemo { url async throws in
            try await withStream("\(url)/stream") { stream async throws in
                #expect(try await stream.readUntil("\n") == "[stream open]\n")
                let headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded"]
                let posted = try await fetch("\(url)/stream", .POST, headers: headers, body: "data=hi")
                #expect(posted.body == "Ok\n")
                #expect(try await stream.readUntil("\n") == "hi\n")
            }
        }
    }

    @Test("The invitation names an address that a browser understands")
    func invitation() {
        #expect("\(Invitation(host: "::1", port: 8000))".contains("http://[::1]:8000/stream"))
        #expect("\(Invitation(host: "127.0.0.1", port: 8000))".contains("http://127.0.0.1:8000/\n"))
    }
}
