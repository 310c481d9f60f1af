import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import NIOCore
import NIOHTTP1
import Testing

/// Streams of an application, held by the proxy in it, by `grip proxy` and by a real Pushpin.
@Suite(.serialized, .timeLimit(.minutes(5))) struct StreamTests {
    @Sendable private func routes(_ router: TestRouter, _ grip: GRIPOrigin) {
        router.get("stream") { _, _ in
            "[stream open]\n".held(.stream(on: "test"))
        }
        router.post("stream") { request, _ in
            let text = try await String(buffer: request.body.collect(upTo: 10_000))
            try await grip.publish(.httpStream("\(text)\n"), to: "test")
            return "Ok\n"
        }
    }

    @Test(arguments: Deployment.all)
    func whatIsPublishedReachesTheHeldClient(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                #expect(stream.status == .ok)
                #expect(stream.headers.contains(where: { $0.name.lowercased().hasPrefix("grip-") }) == false)
                #expect(try await stream.readUntil("\n") == "[stream open]\n")
                let posted = try await fetch("\(application.url)/stream", .POST, body: "hi")
                #expect(posted.body == "Ok\n")
                #expect(try await stream.readUntil("\n") == "hi\n")

                try await application.grip.publish(.httpStream(.binary(ByteBuffer(bytes: [0, 255, 10]))), to: "test")
                try await application.grip.publish(.httpStreamClose, to: "test")
                #expect(try await stream.readToEnd() == ByteBuffer(bytes: [0, 255, 10]))
            }
        }
    }

    @Test(arguments: Deployment.all)
    func whatIsEnqueuedArrivesInOrder(_ deployment: Deployment) async throws {
        let count = 500
        try await withDelegatedApplication(deployment, routes: self.routes) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                for number in 1...count { #expect(application.grip.enqueue(.httpStream("\(number)\n"), to: "test")) }
                #expect(application.grip.enqueue(.httpStreamClose, to: "test"))
                let body = String(buffer: try await stream.readToEnd(within: .seconds(60)))
                #expect(body == (1...count).map { "\($0)\n" }.joined())
            }
        }
    }

    @Test(arguments: ProxyUnderTest.all)
    func aPrefixKeepsApplicationsApart(_ proxy: ProxyUnderTest) async throws {
        try await withDelegatedApplication(
            .behind(proxy),
            routes: self.routes,
            configure: { $0.prefix = try GRIPPrefix("app-") }
        ) { application async throws in
            let bare = try GRIPOrigin(
                GRIPConfiguration(proxies: [try .pushpin(controlURI: try #require(application.controlURL))])
            )
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                try await bare.publish(.httpStream("not for us\n"), to: "test")
                try await application.grip.publish(.httpStream("one\n"), to: "test")
                try await bare.publish(.httpStream("two\n"), to: "app-test")
                #expect(try await stream.readUntil("two\n") == "one\ntwo\n")
            }
        }
    }

    @Test(
        arguments: [
            GRIPContent.text("alive\n"), "a;b, \"c\"\\ ", "\ttab\r\n",
            .binary(ByteBuffer(bytes: [0, 1, 0xFF, 0x3B, 0x0A])), "é\n",
        ],
        Deployment.all
    )
    func keepAliveDataArrivesAsItIs(data: GRIPContent, deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.get("stream") { _, _ in
                    "open".held(
                        .stream(on: "test", keepAlive: try GRIPKeepAlive(data, after: .seconds(1), mode: .interval))
                    )
                }
            }
        ) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("open")
                // Proxies send a second early at most, so with one second twice is soon.
                var received = ByteBuffer()
                while received.readableBytes < data.byteCount * 2 {
                    received.writeBytes(Array(try await stream.readUntilAny(within: .seconds(60)).readableBytesView))
                }
                let expected = Array(data.bytes.readableBytesView)
                #expect(Array(received.readableBytesView.prefix(expected.count * 2)) == expected + expected)
            }
        }
    }

    @Test(arguments: Deployment.all)
    func aNextLinkIsFollowedOnTheSameConnection(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.get("pages") { request, context in
                    let page = request.uri.queryParameters.get("page", as: Int.self) ?? 1
                    // The proxy's own requests are signed too.
                    let text = "page \(page) \(context.grip.isSigned)\n"
                    return page < 3
                        ? try Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: text)))
                            .followed(by: GRIPLink("/pages?page=\(page + 1)"))
                        : Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: text))).held(
                            .stream(on: "test")
                        )
                }
            }
        ) { application async throws in
            try await withStream("\(application.url)/pages") { stream async throws in
                #expect(try await stream.readUntil("page 3 true\n") == "page 1 true\npage 2 true\npage 3 true\n")
                try await application.grip.publish(.httpStream("live\n"), to: "test")
                #expect(try await stream.readUntil("\n") == "live\n")
            }
        }
    }

    @Test(arguments: Deployment.all)
    func anItemThatWasMissedIsFetchedFromTheOrigin(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.get("events") { request, context in
                    // What the proxy knows the client to have; at first it has nothing.
                    let last = context.grip.lastIDs["events"]
                    let text = last.map { "recovered after \($0)\n" } ?? "begin\n"
                    let channel = try GRIPChannel("events", previousID: last == nil ? "1" : "3")
                    return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: text)))
                        .held(.stream(on: channel).with(next: try GRIPLink("/events")))
                }
            },
            wait: .milliseconds(100)
        ) { application async throws in
            try await withStream("\(application.url)/events") { stream async throws in
                #expect(try await stream.readUntil("\n") == "begin\n")
                // 2 never comes, so 3 cannot follow, and the proxy asks.
                try await application.grip.publish(.httpStream("3\n"), to: "events", id: "3", previousID: "2")
                #expect(try await stream.readUntil("\n", within: .seconds(60)) == "recovered after 1\n")
                try await application.grip.publish(.httpStream("4\n"), to: "events", id: "4", previousID: "3")
                #expect(try await stream.readUntil("4\n", within: .seconds(60)).hasSuffix("4\n"))
            }
        }
    }

    @Test(arguments: Deployment.all)
    func filtersUseTheMetaOfTheSubscription(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.get("stream") { request, _ in
                    let user = request.uri.queryParameters.get("user") ?? ""
                    let channel = try GRIPChannel("chat", filters: [.skipSelf])
                    return "open\n".held(try .stream(on: channel).with(meta: ["user": user]))
                }
            }
        ) { application async throws in
            try await withStream("\(application.url)/stream?user=al%22,b%5C") { al async throws in
                try await withStream("\(application.url)/stream?user=bob") { bob async throws in
                    for stream in [al, bob] { _ = try await stream.readUntil("\n") }
                    try await application.grip.publish(.httpStream("from al\n"), to: "chat", sender: "al\",b\\")
                    try await application.grip.publish(.httpStream("from bob\n"), to: "chat", sender: "bob")
                    #expect(try await bob.readUntil("\n") == "from al\n")
                    #expect(try await al.readUntil("\n") == "from bob\n")
                }
            }
        }
    }

    @Test(arguments: Deployment.all)
    func exposedHeadersAreAllThatReachesTheClient(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.get("stream") { _, _ in
                    Response(status: .ok, headers: [.contentType: "text/plain", .server: "secret"])
                        .held(.stream(on: "test").exposing(.contentType))
                }
            }
        ) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                #expect(stream.headers["Content-Type"] == ["text/plain"])
                #expect(stream.headers["Server"].isEmpty)
            }
        }
    }

    @Test(arguments: Deployment.all)
    func aChannelNameMayBeAnyTextThatAHeaderCarries(_ deployment: Deployment) async throws {
        let name = "a b/ü=%'()<>@:[]{}?|~ \\ x"
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.get("stream") { _, _ in "open\n".held(.stream(on: try GRIPChannel(name))) }
            }
        ) { application async throws in
            try await withStream("\(application.url)/stream") { stream async throws in
                _ = try await stream.readUntil("\n")
                try await application.grip.publish(.httpStream("hi\n"), to: try GRIPChannel(name))
                #expect(try await stream.readUntil("\n") == "hi\n")
            }
        }
    }
}
