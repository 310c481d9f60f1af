import GRIP
import GRIPNATS
import GRIPPublisher
import Testing

@Suite("With a real server: publishing without a proxy", .needsNATS, .timeLimit(.minutes(2)))
struct LivePublisherTests {
    private func publication(_ text: String, to channel: GRIPChannel = "a") -> GRIPPublication {
        GRIPPublication(GRIPItem(.httpStream(text), id: text), to: channel)
    }

    @Test func allInstancesGetIt() async throws {
        try await NATSServerProcess.run { server in
            try await withBus(server.url, attending: ["a", "p-a"]) { _, one in
                try await withBus(server.url, attending: ["a"]) { _, two in
                    let configuration = try GRIPNATSConfiguration(url: server.url)
                    try await withGRIPNATSPublisher(configuration, prefix: "test") { publisher in
                        let result = try await publisher.publish([self.publication("1"), self.publication("2")])
                        #expect(result.outcomes.map(\.accepted) == [2])
                        #expect(result.outcomes[0].controlURI == "nats://127.0.0.1:\(server.port)")
                        #expect(publisher.enqueue([self.publication("3")]))
                    }
                    for instance in [one, two] {
                        try await instance.wait(forText: "3")
                        #expect(instance.texts == ["1", "2", "3"])
                    }
                    let prefix = try GRIPPrefix("p-")
                    try await withGRIPNATSPublisher(configuration, prefix: "test", channelPrefix: prefix) { publisher in
                        try await publisher.publish([self.publication("4")])
                    }
                    try await one.wait(forText: "4")
                    #expect(!two.texts.contains("4"))
                }
            }
        }
    }

    @Test func aPublisherThatCannotBegin() async throws {
        var unreadable = try GRIPNATSConfiguration(url: "nats://127.0.0.1:1")
        unreadable.tls.certificateAuthorityFile = "/nowhere.pem"
        let cases: [(GRIPNATSConfiguration, GRIPNATSError.Code)] = [
            (unreadable, .tls), (GRIPNATSConfiguration(servers: []), .url),
        ]
        for (configuration, code) in cases {
            let error = await #expect(throws: GRIPNATSError.self) {
                try await withGRIPNATSPublisher(configuration) { _ in Issue.record("there is no connection") }
            }
            #expect(error?.code == code)
            let connection = GRIPNATSConnection(configuration)
            async let early: Void = connection.waitUntilConnected()
            await #expect(throws: GRIPNATSError.self) { try await connection.run() }
            for _ in 0..<2 {
                let late = await #expect(throws: GRIPNATSError.self) { try await connection.waitUntilConnected() }
                #expect(late?.code == code)
            }
            let waiting: GRIPNATSError?
            do {
                try await early
                waiting = nil
            } catch { waiting = error as? GRIPNATSError }
            #expect(waiting?.code == code)
        }
    }

    @Test func patienceIsKeptWithAServerThatDoesNotAnswer() async throws {
        try await ScriptedServer.run(.init(answeredPings: 1)) { server in
            var configuration = try GRIPNATSConfiguration(url: server.url)
            configuration.pingInterval = .seconds(3600)
            let publisher = try GRIPNATSPublisher(configuration, prefix: "test", patience: .milliseconds(300))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await publisher.run() }
                try await publisher.waitUntilConnected()
                let error = await #expect(throws: GRIPPublishError.self) {
                    try await publisher.publish([self.publication("1")])
                }
                let failure = error?.result.outcomes.first?.failure
                #expect(failure?.code == .timeout && failure?.mayHaveBeenPublished == true)
                group.cancelAll()
            }
        }
    }

    @Test func aFlushCanBeCancelled() async throws {
        try await ScriptedServer.run(.init(answeredPings: 1)) { server in
            try await withConnection(server.url) { test in
                let connection = test.connection
                let flush = Task { try await connection.flush() }
                try await server.wait(for: "PING", times: 2)
                flush.cancel()
                await #expect(throws: CancellationError.self) { try await flush.value }
                let late = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await connection.flush()
                }
                await #expect(throws: CancellationError.self) { try await late.value }
            }
        }
    }

    @Test func failuresSayWhatHappened() async throws {
        try await NATSServerProcess.run("max_payload: 1000\nauthorization { token: t }") { server in
            let wrong = try GRIPNATSConfiguration(url: server.url)
            let refused = await #expect(throws: GRIPNATSError.self) {
                try await withGRIPNATSPublisher(wrong) { _ in Issue.record("there is no connection") }
            }
            #expect(refused?.code == .authorization)

            let configuration = try GRIPNATSConfiguration(url: server.url, credentials: .token("t"))
            let idle = try GRIPNATSPublisher(configuration, patience: .milliseconds(100))
            let lines = GRIPPublication(GRIPItem(.httpStream("x"), id: "a\r\nb"), to: "a")
            let unfit = await #expect(throws: GRIPError.self) { try await idle.publish([lines]) }
            #expect(unfit?.code == .item)
            #expect(!idle.enqueue([lines]))
            let early = await #expect(throws: GRIPPublishError.self) {
                try await idle.publish([self.publication("1")])
            }
            #expect(early?.result.outcomes.first?.failure?.mayHaveBeenPublished == false)
            #expect(!idle.enqueue([self.publication("1")]))
            let publisher = try GRIPNATSPublisher(configuration)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await publisher.run() }
                try await publisher.publish([self.publication("1")])
                let large = await #expect(throws: GRIPPublishError.self) {
                    try await publisher.publish([self.publication(String(repeating: "x", count: 2000))])
                }
                #expect(large?.code == .itemTooLarge)
                try await server.kill()
                let gone = await #expect(throws: GRIPPublishError.self) {
                    while true { try await publisher.publish([self.publication("2")]) }
                }
                #expect(gone?.code == .proxiesFailed)
                let late = await #expect(throws: GRIPPublishError.self) {
                    try await publisher.publish([self.publication("3")])
                }
                #expect(late?.reason.contains("connection refused") == true, "\(late?.reason ?? "")")
                group.cancelAll()
            }
        }
    }
}
