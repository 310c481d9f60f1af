import GRIPNATS
import NIOCore
import Testing

@Suite("With a real server: messages", .needsNATS, .timeLimit(.minutes(2)))
struct LiveMessageTests {
    @Test func publishingAndSubscribing() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { a in
                try await withConnection(server.url) { b in
                    let all = b.record("test.>")
                    let one = b.record("test.1")
                    try await b.connection.flush()
                    for index in 0..<1000 { try a.publish("\(index)", to: "test.1") }
                    try a.publish("other", to: "test.2.3")
                    try a.publish("elsewhere", to: "tests")
                    try await all.wait(for: "other")
                    #expect(all.elements == (0..<1000).map { "\($0)" } + ["other"])
                    #expect(one.elements == (0..<1000).map { "\($0)" })
                    #expect(a.connection.statistics.published == 1002)
                    try await b.connection.flush()
                    #expect(b.connection.statistics.received == 2001)
                }
            }
        }
    }

    @Test func ownMessagesComeBackUnlessTheyAreNotWanted() async throws {
        try await NATSServerProcess.run { server in
            var configuration = try GRIPNATSConfiguration(url: server.url)
            try await withConnection(configuration) { test in
                let messages = test.record("a")
                try test.publish("mine", to: "a")
                try await messages.wait(for: "mine")
            }
            configuration.receivesOwnMessages = false
            try await withConnection(configuration) { test in
                let messages = test.record("a")
                try test.publish("mine", to: "a")
                try await withConnection(server.url) { other in
                    try await test.connection.flush()
                    try other.publish("other", to: "a")
                    try await messages.wait(for: "other")
                }
                #expect(messages.elements == ["other"])
            }
        }
    }

    @Test func headersAndReplies() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { test in
                let messages = Recorder<GRIPNATSMessage>()
                test.connection.subscribe(to: "h") { messages.record($0) }
                var headers = GRIPNATSHeaders()
                try headers.append("Content-Type", "text/plain")
                try headers.append("X", "Grüße")
                try test.connection.publish(ByteBuffer(string: "p"), to: "h", reply: "r.1", headers: headers)
                try test.connection.publish(ByteBuffer(), to: "h")
                let received = try await messages.wait { $0.count == 2 }
                #expect(try received[0].headers == headers)
                #expect(received[0].reply == "r.1" && received[0].subject == "h")
                #expect(try received[1].headers.isEmpty)
                #expect(received[1].reply == nil && received[1].payload.readableBytes == 0)
            }
        }
    }

    @Test func requests() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { test in
                let connection = test.connection
                connection.subscribe(to: "echo") { message in
                    guard let reply = message.reply else { return }
                    #expect(throws: Never.self) { try connection.publish(message.payload, to: reply) }
                }
                connection.subscribe(to: "silent") { _ in }
                try await connection.flush()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<100 {
                        group.addTask {
                            let answer = try await connection.request(ByteBuffer(integer: index), to: "echo")
                            #expect(answer.payload == ByteBuffer(integer: index))
                        }
                    }
                    try await group.waitForAll()
                }
                let nobody = await #expect(throws: GRIPNATSError.self) {
                    try await connection.request(ByteBuffer(), to: "nobody")
                }
                #expect(nobody?.code == .noResponders)
                let late = await #expect(throws: GRIPNATSError.self) {
                    try await connection.request(ByteBuffer(), to: "silent", timeout: .milliseconds(50))
                }
                #expect(late?.code == .timeout)
                let task = Task { try await connection.request(ByteBuffer(), to: "silent", timeout: .seconds(60)) }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    /// All of them want answers, and none of them may be sent before the server knows where those go.
    @Test func theFirstRequestsAreMadeAtOnce() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { responder in
                let connection = responder.connection
                connection.subscribe(to: "echo") { message in
                    guard let reply = message.reply else { return }
                    do { try connection.publish(message.payload, to: reply) } catch { Issue.record(error) }
                }
                try await connection.flush()
                for _ in 0..<100 {
                    try await withConnection(server.url) { test in
                        let connection = test.connection
                        try await withThrowingTaskGroup(of: String.self) { group in
                            for index in 0..<8 {
                                group.addTask {
                                    let payload = ByteBuffer(string: "\(index)")
                                    let answer = try await connection.request(
                                        payload,
                                        to: "echo",
                                        timeout: .seconds(20)
                                    )
                                    return String(buffer: answer.payload)
                                }
                            }
                            var answers: Set<String> = []
                            for try await answer in group { answers.insert(answer) }
                            #expect(answers.count == 8)
                        }
                    }
                }
            }
        }
    }

    @Test func maximumPayload() async throws {
        try await NATSServerProcess.run("max_payload: 1000") { server in
            try await withConnection(server.url) { test in
                let messages = test.record("a")
                try test.publish(String(repeating: "x", count: 1000), to: "a")
                let error = #expect(throws: GRIPNATSError.self) {
                    try test.publish(String(repeating: "x", count: 1001), to: "a")
                }
                #expect(error?.code == .tooLarge)
                try test.publish("after", to: "a")
                try await messages.wait(for: "after")
                #expect(messages.elements.map(\.utf8.count) == [1000, 5])
                #expect(test.connection.statistics.refused == 1)
            }
        }
    }

    @Test func largeMessagesAndWhatIsSkipped() async throws {
        try await NATSServerProcess.run("max_payload: 4000000") { server in
            var configuration = try GRIPNATSConfiguration(url: server.url)
            configuration.receivedMessageLimit = 3_000_000
            try await withConnection(configuration) { test in
                let sizes = Recorder<Int>()
                test.connection.subscribe(to: "a") { sizes.record($0.payload.readableBytes) }
                for size in [3_000_000, 3_000_001, 100_000, 1] {
                    try await test.connection.flush()
                    try test.connection.publish(ByteBuffer(repeating: 1, count: size), to: "a")
                }
                #expect(try await sizes.wait { $0.count == 3 } == [3_000_000, 100_000, 1])
                try await test.events.wait(for: .messageSkipped(byteCount: 3_000_001))
                #expect(test.connection.statistics.skipped == 1)
            }
        }
    }

    @Test func endingASubscription() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { test in
                let messages = Recorder<String>()
                let subscription = test.connection.subscribe(to: "a") { messages.record(String(buffer: $0.payload)) }
                let others = test.record("a")
                try test.publish("1", to: "a")
                try await messages.wait(for: "1")
                test.connection.unsubscribe(subscription)
                test.connection.unsubscribe(subscription)
                try test.publish("2", to: "a")
                try await others.wait(for: "2")
                #expect(messages.elements == ["1"])
            }
        }
    }

    /// Names that would be protocol if they were not encoded.
    @Test(arguments: [
        "", "a b", "a..b", "*", ">", "a\r\nPUB x 0\r\n", "é🚀", ".", "a.b.c", "=", String(repeating: "x", count: 5000),
    ])
    func channelNames(name: String) async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { test in
                let subject = try ChannelSubjects(prefix: "grip").subject(of: name)
                let messages = test.record(GRIPNATSSubjectPattern(subject))
                let others = test.record("x")
                try test.publish("hello", to: subject)
                try await messages.wait(for: "hello")
                #expect(others.elements.isEmpty)
            }
        }
    }

    @Test func whatWasTakenIsSentAtTheEnd() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { other in
                let messages = other.record("a")
                try await other.connection.flush()
                try await withConnection(server.url) { test in
                    for index in 0..<10_000 { try test.publish("\(index)", to: "a") }
                }
                _ = try await messages.wait { $0.count == 10_000 }
            }
        }
    }
}
