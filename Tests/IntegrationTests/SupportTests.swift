import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// What the other tests stand on: the peers really run, and the helpers see what they do.
@Suite struct SupportTests {
    @Test func childProcessEndsWithAllItStarted() async throws {
        let script = "trap '' TERM; sleep 600 & echo started $!; wait"
        let child = try await withChildProcess("/bin/sh", ["-c", script], grace: .milliseconds(200)) { child in
            try await child.waitForOutput(containing: "\n")
            #expect(child.isRunning)
            return child
        }
        let sleeper = try #require(child.output.split(separator: " ").last.flatMap { pid_t($0.trimmed) })
        #expect(RunningProcess.tree(of: sleeper).isEmpty)
        #expect(RunningProcess.tree(of: child.processIdentifier).isEmpty)
    }

    @Test func childProcessThatFailsToStartTellsWhy() async throws {
        let port = try await FreePort.next()
        let error = await #expect(throws: ChildProcess.Failure.self) {
            try await withChildProcess("/bin/sh", ["-c", "echo the reason >&2; exit 3"]) { child in
                try await child.waitUntilListening(port: port)
            }
        }
        #expect(error?.description.contains("the reason") == true)
    }

    @Test func childProcessEndsWhenItsTestIsCancelled() async throws {
        let started = Mailbox<pid_t>()
        let task = Task {
            try await withChildProcess("/bin/sleep", ["600"]) { child in
                started.put(child.processIdentifier)
                _ = try await child.waitForExit(within: .seconds(60))
            }
        }
        let child = try #require(try await started.next(within: .seconds(60)))
        task.cancel()
        _ = await task.result
        #expect(RunningProcess.tree(of: child).isEmpty)
    }

    @Test func mailboxKeepsWhatArrivesAfterAWaitWasGivenUp() async throws {
        let mailbox = Mailbox<Int>()
        await #expect(throws: TimedOut.self) { try await mailbox.next(within: .milliseconds(10)) }
        mailbox.put(1)
        mailbox.finish()
        #expect(try await mailbox.next(within: .seconds(60)) == 1)
        #expect(try await mailbox.next(within: .seconds(60)) == nil)
    }

    @Test(.needsPushpin) func pushpinAnswersStreamsAndEchoes() async throws {
        try await withPushpin(routes: ["* test"]) { pushpin in
            // Pushpin's own test origin holds /stream and /response on the channel "test" and echoes on /ws.
            try await withStream("\(pushpin.url)/stream") { stream async throws in
                #expect(stream.status == .ok)
                #expect(try await stream.readUntil("\n").isEmpty == false)
                #expect(try await stream.isQuiet(for: .milliseconds(100)))
                let message = #"{"items":[{"channel":"test","formats":{"http-stream":{"content":"pushed\n"}}}]}"#
                let published = try await fetch("\(pushpin.controlURL)/publish/", .POST, body: message)
                #expect(published.status == .ok)
                #expect(try await stream.readUntil("pushed\n") == "pushed\n")
            }

            try await withWebSocket(port: pushpin.httpPort, path: "/ws") { socket async throws in
                try await socket.send("hello")
                #expect(try await socket.receive() == .text("hello"))
                try await socket.send(fragments: ["in ", "three ", "parts"])
                #expect(try await socket.receive() == .text("in three parts"))
                #expect(try await socket.isQuiet(for: .milliseconds(100)))
                try await socket.close(code: 1000, reason: "done")
                guard case .close = try await socket.receive() else {
                    Issue.record("the close frame was not answered")
                    return
                }
                #expect(try await socket.receive() == .disconnected)
            }
        }
    }

    @Test(.needsPushpin) func webSocketThatIsRefusedTellsHow() async throws {
        let nobody = try await FreePort.next()
        try await withPushpin(originPort: nobody) { pushpin in
            let rejection = await #expect(throws: WebSocketRejected.self) {
                try await withWebSocket(port: pushpin.httpPort, path: "/ws") { _ in }
            }
            #expect(rejection?.status == .badGateway)
        }
    }

    @Test(.needsPushpin) func pushpinsRunSideBySide() async throws {
        try await withPushpin(routes: ["* test"]) { one async throws in
            try await withPushpin(routes: ["* test"], settings: ["handler.message_rate": "-1"]) { two async throws in
                for pushpin in [one, two] {
                    try await withStream("\(pushpin.url)/stream") { #expect($0.status == .ok) }
                }
            }
        }
    }

    @Test(.needsBrowser) func browserShowsAPageAndTwoWindows() async throws {
        try await withBrowser { browser in
            let page = """
                data:text/html,<title>A page</title><input id="field"><button id="go" \
                onclick="setTimeout(() => out.textContent = field.value, 50)">Go</button><p id="out"></p>
                """
            try await browser.open(page)
            #expect(try await browser.title() == "A page")
            try await browser.element("#field").type("typed")
            try await browser.element("#go").click()
            try await browser.waitUntil("document.querySelector('#out').textContent === 'typed'")
            #expect(try await browser.element("#out").text() == "typed")
            #expect(try await browser.run("return 6 * Number(arguments[0])", ["7"], as: Int.self) == 42)

            let first = try await browser.currentWindow()
            try await browser.switchTo(try await browser.newWindow())
            #expect(try await browser.title() != "A page")
            try await browser.switchTo(first)
            #expect(try await browser.title() == "A page")
            await #expect(throws: TimedOut.self) {
                try await browser.waitUntil("false", within: .milliseconds(100))
            }
        }
    }

    @Test(.needsPython) func pythonHasThePackages() async throws {
        let python = try await PythonEnvironment.shared.interpreter()
        let script = """
            from django.conf import settings
            settings.configure()
            import django_grip, gripcontrol, pubcontrol, websockets, jwt, cryptography
            """
        try await withChildProcess(python, ["-c", script]) { child in
            let status = try await child.waitForExit(within: .seconds(60))
            #expect(status == 0, "\(child.output)")
        }
    }
}

extension Substring {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
