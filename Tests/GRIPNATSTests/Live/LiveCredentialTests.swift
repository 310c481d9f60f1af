import GRIP
import GRIPNATS
import NIOCore
import Testing

@Suite("With a real server: credentials", .needsNATS, .timeLimit(.minutes(2)))
struct LiveCredentialTests {
    /// Connects, and sends and gets a message.
    private func use(_ configuration: GRIPNATSConfiguration) async throws {
        try await withConnection(configuration) { test in
            let messages = test.record("a")
            try test.publish("hello", to: "a")
            try await messages.wait(for: "hello")
        }
    }

    private func expectRefusal(_ configuration: GRIPNATSConfiguration) async {
        let error = await failure(configuration)
        #expect(error?.code == .authorization)
        #expect(error?.reason.contains("refuses the credentials") == true)
        #expect(error?.reason.contains("wrong") == false)
    }

    @Test func userAndPassword() async throws {
        try await NATSServerProcess.run("authorization { user: me, password: s3cr3t }") { server in
            try await self.use(GRIPNATSConfiguration(url: "nats://me:s3cr3t@127.0.0.1:\(server.port)"))
            let credentials = GRIPNATSCredentials.user("me", password: "s3cr3t")
            // The configuration counts more than the URL.
            try await self.use(
                GRIPNATSConfiguration(url: "nats://me:wrong@127.0.0.1:\(server.port)", credentials: credentials)
            )
            await self.expectRefusal(try GRIPNATSConfiguration(url: "nats://me:wrong@127.0.0.1:\(server.port)"))
            await self.expectRefusal(try GRIPNATSConfiguration(url: server.url))
        }
    }

    @Test func token() async throws {
        try await NATSServerProcess.run("authorization { token: s3cr3t }") { server in
            try await self.use(GRIPNATSConfiguration(url: "nats://s3cr3t@127.0.0.1:\(server.port)"))
            try await self.use(GRIPNATSConfiguration(url: server.url, credentials: .token("s3cr3t")))
            await self.expectRefusal(try GRIPNATSConfiguration(url: server.url, credentials: .token("wrong")))
        }
    }

    @Test func key() async throws {
        let key = NATSKey(role: .user)
        try await NATSServerProcess.run("authorization { users: [{ nkey: \(key.publicKey) }] }") { server in
            try await self.use(GRIPNATSConfiguration(url: server.url, credentials: .key(seed: key.seed)))
            let other = try GRIPNATSCredentials.key(seed: NATSKey(role: .user).seed)
            await self.expectRefusal(try GRIPNATSConfiguration(url: server.url, credentials: other))
        }
    }

    @Test func aKeyForAServerWithoutKeys() async throws {
        try await NATSServerProcess.run { server in
            let credentials = try GRIPNATSCredentials.key(seed: NATSKey(role: .user).seed)
            let error = await failure(try GRIPNATSConfiguration(url: server.url, credentials: credentials))
            #expect(error?.code == .authorization)
            #expect(error?.reason.contains("asks for no signature") == true)
        }
    }

    @Test func credentialsFile() async throws {
        let tokens = TestTokens()
        try await NATSServerProcess.run(tokens.configuration) { server in
            let credentials = try GRIPNATSCredentials(file: tokens.credentialsFile())
            try await self.use(GRIPNATSConfiguration(url: server.url, credentials: credentials))
            let other = try GRIPNATSCredentials(file: tokens.credentialsFile(key: NATSKey(role: .user)))
            await self.expectRefusal(try GRIPNATSConfiguration(url: server.url, credentials: other))
        }
    }

    @Test func permissions() async throws {
        let permissions = "permissions { publish: [\"a.>\"], subscribe: [\"a.>\", \"_INBOX.>\"] }"
        let configuration = "authorization { users: [{ user: me, password: p, \(permissions) }] }"
        try await NATSServerProcess.run(configuration) { server in
            try await withConnection("nats://me:p@127.0.0.1:\(server.port)") { test in
                let allowed = test.record("a.b")
                let forbidden = test.record("b")
                try test.publish("1", to: "b")
                try test.publish("2", to: "a.b")
                try await allowed.wait(for: "2")
                let events = try await test.events.wait { events in events.count >= 3 }
                let refusals = events.compactMap { event -> GRIPNATSError? in
                    if case .refused(let error) = event { error } else { nil }
                }
                #expect(refusals.map(\.code) == [.permission, .permission])
                #expect(refusals.contains { $0.reason.contains("Subscription to \"b\"") })
                #expect(refusals.contains { $0.reason.contains("Publish to \"b\"") })
                #expect(forbidden.elements.isEmpty)
                #expect(test.connection.statistics.connections == 1)
            }
        }
    }

    @Test func aServerThatIsNotThereIsWaitedFor() async throws {
        try await NATSServerProcess.run { server in
            try await server.kill()
            try await withConnection(server.url, isConnected: false) { test in
                let events = try await test.events.wait { !$0.isEmpty }
                #expect(events.first?.failure?.code == .connection)
                #expect(events.first?.failure?.reason == "127.0.0.1:\(server.port): connection refused")
                let error = #expect(throws: GRIPNATSError.self) { try test.publish("x", to: "a") }
                #expect(error?.code == .disconnected)
                let messages = test.record("a")
                try await server.start()
                try await test.waitUntilConnected()
                try test.publish("y", to: "a")
                try await messages.wait(for: "y")
                // The same failure is told once, however often it is tried again.
                #expect(test.events.elements.count == 2)
            }
        }
    }
}
