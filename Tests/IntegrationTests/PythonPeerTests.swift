import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import NIOCore
import NIOHTTP1
import Testing

/// Python's GRIP libraries on one side, and ours on the other, of one Pushpin.
@Suite(.needsPushpin, .needsPython, .timeLimit(.minutes(5))) struct PythonPeerTests {
    @Test func whatGripcontrolPublishesReachesOurClients() async throws {
        let python = try await PythonEnvironment.shared.interpreter()
        let script = PythonEnvironment.peersFolder.appendingPathComponent("publish.py").path
        try await withDelegatedApplication(routes: { router, _ in
            router.get("stream") { _, _ in "open\n".held(.stream(on: "test")) }
            router.get("poll") { _, _ in "nothing\n".held(.response(on: "test")) }
            router.webSocketOverHTTP("socket") { socket, _, _ in
                if socket.isOpening {
                    socket.accept()
                    socket.subscribe(to: "test")
                }
                for message in socket.messages { socket.send(message) }
            }
        }) { application async throws in
            let publish: @Sendable () async throws -> Void = {
                let arguments = [script, application.proxy.controlURL, "test", "from Python: grüße"]
                try await withChildProcess(python, arguments) { child async throws in
                    guard try await child.waitForExit(within: .seconds(20)) == 0 else {
                        throw child.failure("publish.py failed")
                    }
                }
            }
            try await withStream("\(application.url)/stream") { stream async throws in
                try await withWebSocket(port: application.proxy.httpPort, path: "/socket") { socket async throws in
                    _ = try await stream.readUntil("\n")
                    try await socket.send("ready")
                    #expect(try await socket.receive() == .text("ready"))
                    let poll = try await answer {
                        try await fetch("\(application.url)/poll", within: .seconds(30))
                    } publishing: {
                        try await publish()
                    }
                    #expect(poll.body == "from Python: grüße\n")
                    #expect(try await stream.readUntil("\n") == "from Python: grüße\n")
                    #expect(try await socket.receive() == .text("from Python: grüße"))
                }
            }
        }
    }

    @Test("What we publish reaches the clients of a Django application", arguments: ProxyUnderTest.all)
    func djangoApplication(proxy: ProxyUnderTest) async throws {
        try await withDjangoApplication("django_app.py", behind: proxy) { application async throws in
            let publisher = try GRIPHTTPPublisher(
                configuration: GRIPPublisherConfiguration(
                    proxies: [try .pushpin(controlURI: application.proxy.controlURL)]
                )
            )
            let item = try GRIPItem([.httpResponse("hi\n"), .httpStream("hi\n"), .webSocketMessage("hi")])
            try await withStream("\(application.url)/stream") { stream async throws in
                try await withWebSocket(port: application.proxy.httpPort, path: "/echo") { socket async throws in
                    #expect(try await stream.readUntil("\n") == "[stream open]\n")
                    try await socket.send("ready")
                    #expect(try await socket.receive() == .text("ready"))
                    let poll = try await answer {
                        try await fetch("\(application.url)/poll", within: .seconds(30))
                    } publishing: {
                        try await publisher.publish(item, to: "test")
                    }
                    #expect(poll.body == "hi\n")
                    #expect(try await stream.readUntil("\n") == "hi\n")
                    #expect(try await socket.receive() == .text("hi"))
                }
            }
        }
    }
}
