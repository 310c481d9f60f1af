import Hummingbird
import HummingbirdGRIP
import Logging
import NIOHTTP1
import Testing

@testable import demo

/// The demo as its users see it: in a browser, behind a Pushpin.
@Suite(.needsPushpin, .timeLimit(.minutes(5))) struct DemoPageTests {
    private func withDemo(_ body: @Sendable (RunningProxy) async throws -> Void) async throws {
        let originPort = try await FreePort.next()
        try await withPushpin(originPort: originPort) { pushpin async throws in
            let grip = try GRIPOrigin(
                GRIPConfiguration(
                    proxies: [try .pushpin(controlURI: pushpin.controlURL, verifyKey: GRIPKey("changeme"))]
                )
            )
            try await withApplication(
                { onServerRunning in
                    DemoApplication.make(
                        grip: grip,
                        address: DemoAddress(host: "127.0.0.1", port: originPort),
                        logger: Logger(label: "demo"),
                        onServerRunning: onServerRunning
                    )
                },
                { try await body(pushpin) }
            )
        }
    }

    @Test(.needsBrowser) func whatOneWindowSendsTheOtherShowsInAllThreeWays() async throws {
        try await self.withDemo { pushpin async throws in
            try await withBrowser { browser async throws in
                try await browser.open(pushpin.url)
                let first = try await browser.currentWindow()
                let second = try await browser.newWindow()
                try await browser.switchTo(second)
                try await browser.open(pushpin.url)
                for window in [first, second] {
                    try await browser.switchTo(window)
                    for panel in ["stream", "object", "socket"] {
                        try await browser.waitUntil(DemoPage.isLive(panel))
                    }
                }
                for (from, to) in [(first, second), (second, first)] {
                    for (panel, button) in [
                        ("stream", "stream-send"), ("object", "object-send"), ("socket", "socket-broadcast"),
                    ] {
                        let message = "<b>\(panel)</b> & grüße to \(to == first ? "one" : "two")"
                        try await browser.switchTo(from)
                        try await browser.element("#\(panel)-input").type(message)
                        try await browser.element("#\(button)").click()
                        for window in [to, from] {
                            try await browser.switchTo(window)
                            try await browser.waitUntil(DemoPage.shows(message, in: panel))
                        }
                    }
                }
            }
        }
    }

    @Test(.needsBrowser) func aWebSocketMessageIsEchoedToItsSenderOnly() async throws {
        try await self.withDemo { pushpin async throws in
            try await withBrowser { browser async throws in
                try await browser.open(pushpin.url)
                try await browser.waitUntil(DemoPage.isLive("socket"))
                try await browser.element("#socket-input").type("just me")
                try await browser.element("#socket-send").click()
                try await browser.waitUntil(DemoPage.shows("just me", in: "socket"))
            }
        }
    }

    @Test func theCommandsOfTheReadmeWork() async throws {
        try await self.withDemo { pushpin async throws in
            try await withStream("\(pushpin.url)/stream") { stream async throws in
                #expect(try await stream.readUntil("\n") == "[stream open]\n")
                let headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded"]
                let posted = try await fetch("\(pushpin.url)/stream", .POST, headers: headers, body: "data=hi")
                #expect(posted.body == "Ok\n")
                #expect(try await stream.readUntil("\n") == "hi\n")
            }
        }
    }
}
