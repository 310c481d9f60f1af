import Foundation
import GRIPNATS
import NIOCore
import Testing

@Suite("With a real server: lost connections", .needsNATS, .timeLimit(.minutes(2)))
struct LiveReconnectionTests {
    @Test func aServerIsKilledAndComesBack() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { test in
                let recorders = (0..<100).map {
                    test.record(GRIPNATSSubjectPattern(unchecked: "s.\($0)") as GRIPNATSSubjectPattern)
                }
                let ended = test.connection.subscribe(to: "s.0") { _ in Issue.record("a subscription that has ended") }
                test.connection.unsubscribe(ended)
                for round in 1...3 {
                    try await server.kill()
                    _ = try await test.events.wait { events in
                        events.count(where: \.isConnected) == round && events.last?.failure != nil
                    }
                    #expect(throws: GRIPNATSError.self) { try test.publish("lost", to: "s.1") }
                    let during = test.record(try GRIPNATSSubjectPattern("during.\(round)" as String))
                    try await server.start()
                    try await test.waitUntilConnected(times: round + 1)
                    for index in recorders.indices {
                        try test.publish("\(round)", to: GRIPNATSSubject("s.\(index)" as String))
                    }
                    try test.publish("\(round)", to: GRIPNATSSubject("during.\(round)" as String))
                    for recorder in recorders { try await recorder.wait(for: "\(round)") }
                    try await during.wait(for: "\(round)")
                }
                for recorder in recorders { #expect(recorder.elements == ["1", "2", "3"]) }
                #expect(test.connection.statistics.connections == 4)
            }
        }
    }

    @Test func whatIsKeptWhileThereIsNoConnection() async throws {
        try await NATSServerProcess.run { server in
            var configuration = try GRIPNATSConfiguration(url: server.url)
            configuration.disconnectedLimit = 1000
            try await withConnection(configuration) { test in
                let messages = test.record("a")
                try await test.connection.flush()
                try await server.kill()
                _ = try await test.events.wait { $0.contains { $0.failure != nil } }
                var count = 0
                let error = #expect(throws: GRIPNATSError.self) {
                    while true {
                        try test.publish("\(count)", to: "a")
                        count += 1
                    }
                }
                #expect(error?.code == .full)
                #expect(count > 10)
                try await server.start()
                try await messages.wait(for: "\(count - 1)")
                #expect(messages.elements == (0..<count).map { "\($0)" })
            }
        }
    }

    @Test func requestsAndFlushesFailWithTheConnection() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { test in
                test.connection.subscribe(to: "silent") { _ in }
                try await test.connection.flush()
                let connection = test.connection
                let answer = Task {
                    try await connection.request(ByteBuffer(), to: "silent", timeout: .seconds(60))
                }
                try await test.connection.flush()
                try await server.kill()
                await #expect(throws: GRIPNATSError.self) { try await answer.value }
                _ = try await test.events.wait { $0.contains { $0.failure != nil } }
                await #expect(throws: GRIPNATSError.self) { try await test.connection.flush() }
            }
        }
    }

    @Test func waitingForAConnection() async throws {
        try await NATSServerProcess.run { server in
            try await server.kill()
            let test = try await withConnection(server.url, isConnected: false) { test in
                let connection = test.connection
                let waiting = Task { try await connection.waitUntilConnected() }
                let cancelled = Task { try await connection.waitUntilConnected() }
                cancelled.cancel()
                await #expect(throws: CancellationError.self) { try await cancelled.value }
                try await server.start()
                try await waiting.value
                try await connection.waitUntilConnected()
                try await connection.flush()
                return test
            }
            let error = await #expect(throws: GRIPNATSError.self) { try await test.connection.waitUntilConnected() }
            #expect(error?.code == .closed)
            let again = await #expect(throws: GRIPNATSError.self) { try await test.connection.run() }
            #expect(again?.code == .closed)
        }
    }

    /// A server that is there and says nothing.
    @Test func aServerThatIsStopped() async throws {
        try await NATSServerProcess.run { server in
            var configuration = try GRIPNATSConfiguration(url: server.url)
            configuration.pingInterval = .milliseconds(200)
            try await withConnection(configuration) { test in
                let connections = test.connection.statistics.connections
                server.signal(SIGSTOP)
                _ = try await test.events.wait { $0.contains { $0.failure?.code == .stale } }
                server.signal(SIGCONT)
                try await test.waitUntilConnected(times: connections + 1)
            }
        }
    }

    /// Two servers that know each other; the client is told of one only.
    @Test func discoveredServers() async throws {
        let ports = [try await FreePort.next(), try await FreePort.next()]
        func cluster(_ index: Int) -> String {
            """
            cluster {
                name: test
                listen: "127.0.0.1:\(ports[index])"
                routes: ["nats://127.0.0.1:\(ports[1 - index])"]
            }
            """
        }
        try await NATSServerProcess.run(cluster(0)) { first in
            try await NATSServerProcess.run(cluster(1)) { second in
                try await withConnection(second.url) { other in
                    try await withConnection(first.url) { test in
                        let messages = test.record("a")
                        // Until the servers have found each other, messages do not get across.
                        try await self.publishUntilReceived("one", by: messages, from: other)
                        try await first.kill()
                        try await test.waitUntilConnected(times: 2)
                        #expect(
                            test.events.elements.last.map { "\($0)" }?.contains("127.0.0.1:\(second.port)") == true
                        )
                        try await test.connection.flush()
                        try other.publish("two", to: "a")
                        try await messages.wait(for: "two")
                    }
                }
            }
        }
    }

    private func publishUntilReceived(_ text: String, by messages: Recorder<String>, from other: TestConnection)
        async throws
    {
        let deadline = ContinuousClock.now + .seconds(30)
        while messages.elements.isEmpty {
            try #require(ContinuousClock.now < deadline)
            try other.publish(text, to: "a")
            // Nobody tells when the interest of one server has reached the other.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test func lameDuckMode() async throws {
        let configuration = "lame_duck_duration: \"30s\"\nlame_duck_grace_period: \"1s\""
        try await NATSServerProcess.run(configuration) { first in
            try await NATSServerProcess.run { second in
                var configuration = try GRIPNATSConfiguration(url: "\(first.url),\(second.url)")
                configuration.triesServersInRandomOrder = false
                try await withConnection(configuration) { test in
                    first.signal(SIGUSR2)
                    try await test.events.wait(for: .serverLeaving)
                    try await test.waitUntilConnected(times: 2)
                    let last = test.events.elements.last.map { "\($0)" }
                    #expect(last?.contains("127.0.0.1:\(second.port)") == true)
                }
            }
        }
    }

    @Test func subscriptionsComeAndGoWhileMessagesCome() async throws {
        try await NATSServerProcess.run { server in
            try await withConnection(server.url) { publisher in
                try await withConnection(server.url) { test in
                    try await self.churn(20_000, test, publisher)
                }
            }
        }
    }

    private func churn(_ count: Int, _ test: TestConnection, _ publisher: TestConnection) async throws {
        let kept = test.record("kept")
        try await test.connection.flush()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for index in 0..<count {
                    try publisher.publish("\(index)", to: GRIPNATSSubject("churn.\(index % 16)" as String))
                    if index % 100 == 0 { try publisher.publish("\(index)", to: "kept") }
                    if index % 1000 == 0 { try await publisher.connection.flush() }
                }
            }
            group.addTask {
                for round in 0..<count / 16 {
                    let subscriptions = (0..<16).map {
                        test.connection.subscribe(to: GRIPNATSSubjectPattern(unchecked: "churn.\($0)")) { _ in }
                    }
                    for subscription in subscriptions { test.connection.unsubscribe(subscription) }
                    if round % 100 == 0 { try await test.connection.flush() }
                }
            }
            try await group.waitForAll()
        }
        _ = try await kept.wait { $0.count == count / 100 }
        try await test.connection.flush()
        #expect(test.connection.statistics.connections == 1)
        #expect(test.connection.statistics.waitingBytes == 0)
    }

    /// A server that takes connections and reads nothing.
    @Test func aServerThatReadsNothingIsNotWaitedFor() async throws {
        try await NATSServerProcess.run { server in
            var configuration = try GRIPNATSConfiguration(url: server.url)
            configuration.outboundLimit = 1_000_000
            try await withConnection(configuration) { test in
                server.signal(SIGSTOP)
                let payload = ByteBuffer(repeating: 1, count: 10_000)
                var count = 0
                let error = #expect(throws: GRIPNATSError.self) {
                    while count < 10_000 {
                        try test.connection.publish(payload, to: "a")
                        count += 1
                    }
                }
                #expect(error?.code == .full)
                #expect(test.connection.statistics.waitingBytes <= 1_000_000)
                server.signal(SIGCONT)
                try await test.connection.flush()
                #expect(test.connection.statistics.waitingBytes == 0)
                try test.connection.publish(payload, to: "a")
            }
        }
    }
}
