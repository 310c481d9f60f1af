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
