import HTTPTypes
import Hummingbird
import HummingbirdGRIP
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// Long-polls of an application, held by the proxy in it, by `grip proxy` and by a real Pushpin.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LongPollTests {
    /// An object with an ETag, as in the README.
    private func routes(timeout: Duration) -> @Sendable (TestRouter, GRIPOrigin) -> Void {
        { router, grip in
            let text = Mutex("one")
            router.get("object") { request, _ in
                let text = text.withLock { $0 }
                let etag = "\"\(text)\""
                return request.headers[.ifNoneMatch] == etag
                    ? Response(status: .notModified, headers: [.eTag: etag])
                        .held(.response(on: "object", timeout: timeout))
                    : Response(status: .ok, headers: [.eTag: etag], body: .init(byteBuffer: ByteBuffer(string: text)))
            }
            router.post("object") { request, _ in
                let new = try await String(buffer: request.body.collect(upTo: 10_000))
                text.withLock { $0 = new }
                try await grip.publish(.httpResponse("\(new)", headers: [.eTag: "\"\(new)\""]), to: "object")
                return "Ok\n"
            }
        }
    }

    @Test(arguments: Deployment.all)
    func aChangeAnswersThePoll(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes(timeout: .seconds(55))) {
            application async throws in
            let url = "\(application.url)/object"
            let first = try await fetch(url)
            #expect(first.body == "one")
            #expect(first.headers["ETag"] == ["\"one\""])

            let response = try await answer {
                try await fetch(url, headers: ["If-None-Match": "\"one\""], within: .seconds(60))
            } publishing: {
                _ = try await fetch(url, .POST, body: "two")
            }
            #expect(response.status == .ok)
            #expect(response.body == "two")
            #expect(response.headers["ETag"] == ["\"two\""])
        }
    }

    @Test(arguments: Deployment.all)
    func aTimeoutIsNotModified(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes(timeout: .seconds(5))) {
            application async throws in
            let response = try await fetch(
                "\(application.url)/object",
                headers: ["If-None-Match": "\"one\""],
                within: .seconds(60)
            )
            #expect(response.status == .notModified)
            #expect(response.headers["ETag"] == ["\"one\""])
            #expect(response.body == "")
        }
    }

    @Test(arguments: Deployment.all)
    func aResponseCanBeAnything(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.get("job") { _, _ in
                    Response(status: .accepted, headers: [.contentType: "application/json"]).held(.response(on: "job"))
                }
            }
        ) { application async throws in
            var headers = HTTPFields()
            headers.append(.init(name: .setCookie, value: "a=1"))
            headers.append(.init(name: .setCookie, value: "b=2"))
            let response = try await answer {
                try await fetch("\(application.url)/job", within: .seconds(60))
            } publishing: {
                try await application.grip.publish(
                    .httpResponse("{\"done\":true}", status: .created, headers: headers),
                    to: "job"
                )
            }
            #expect(response.status == .created)
            #expect(response.headers["Set-Cookie"] == ["a=1", "b=2"])
            #expect(response.headers["Content-Type"] == ["application/json"])
            #expect(response.body == "{\"done\":true}")
        }
    }

    @Test(arguments: Deployment.all)
    func aPatchChangesTheHeldBody(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.get("state") { _, _ in "{\"a\":1,\"b\":2}".held(.response(on: "state")) }
            }
        ) { application async throws in
            let patch = try GRIPJSONPatch(json: #"[{"op":"replace","path":"/b","value":3}]"#)
            let response = try await answer {
                try await fetch("\(application.url)/state", within: .seconds(60))
            } publishing: {
                try await application.grip.publish(.httpResponse(patching: patch), to: "state")
            }
            #expect(response.body == "{\"a\":1,\"b\":3}")
        }
    }
}
