import Hummingbird
import HummingbirdGRIP
import NIOCore
import Synchronization
import Testing

/// Rooms that clients join with their history, while somebody writes all the time.
@Suite(.serialized, .timeLimit(.minutes(5))) struct JoinTests {
    /// What was written, which stands for a database.
    private final class Room: Sendable {
        private let count = Mutex(0)

        func write() -> Int {
            self.count.withLock { count in
                count += 1
                return count
            }
        }

        var last: Int { self.count.withLock { $0 } }
    }

    private func routes(_ room: Room) -> @Sendable (TestRouter, GRIPOrigin) -> Void {
        { router, grip in
            router.webSocketOverHTTP("room") { socket, _, _ in
                if socket.isOpening {
                    socket.accept()
                    socket.join("room")
                }
                for _ in socket.joined { socket.send("history \(room.last)") }
                for channel in socket.left {
                    try await grip.publish(.webSocketMessage("\(socket.id) has left"), to: channel)
                    socket.send("you have left")
                }
                for message in socket.messages {
                    if message == "leave" { socket.leave("room") } else { socket.send(message) }
                }
            }
        }
    }

    /// Pushpin without its limit for the rate of deliveries.
    ///
    /// With it, 1.36 delivers nothing while messages keep coming faster than every 25 ms, the interval of its ticks: they
    /// wait up to its high-water mark, and then are dropped.
    private static func settings(_ deployment: Deployment) -> [String: String] {
        if case .behind(.pushpin) = deployment { ["handler.message_rate": "-1"] } else { [:] }
    }

    @Test("Nothing is lost between the history and what is live", arguments: Deployment.all)
    func join(_ deployment: Deployment) async throws {
        let room = Room()
        let settings = Self.settings(deployment)
        try await withDelegatedApplication(deployment, routes: self.routes(room), settings: settings) {
            application async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        // A pace that clients and proxies keep up with.
                        try await Task.sleep(for: .milliseconds(1))
                        let number = room.write()
                        try await application.grip.publish(.webSocketMessage("\(number)"), to: "room")
                    }
                }
                for _ in 0..<30 {
                    try await withWebSocket(port: application.port, path: "/room") { socket async throws in
                        let (history, live) = try await self.messages(of: socket)
                        let known = Set(1..<history + 1).union(live)
                        let all = Set(1..<(live.max() ?? 0) + 1)
                        #expect(known == all, "lost \(all.subtracting(known).sorted())")
                    }
                }
                group.cancelAll()
                // What the cancelled publish throws is of no interest.
                while let result = await group.nextResult() { _ = result }
            }
        }
    }

    /// Reads until some messages have come that the history does not have.
    private func messages(of socket: WebSocketClient) async throws -> (history: Int, live: Set<Int>) {
        var history: Int?
        var live: Set<Int> = []
        while true {
            switch try await socket.receive() {
            case .ping(let payload): try await socket.pong(String(buffer: payload))
            case .text(let text):
                if let number = Int(text) {
                    live.insert(number)
                } else {
                    #expect(history == nil, "the history comes once")
                    history = text.split(separator: " ").last.flatMap { Int($0) }
                }
            case let other: throw TimedOut("\(other) came")
            }
            if let history, live.filter({ $0 > history }).count >= 20 { return (history, live) }
        }
    }

    @Test("Who leaves does not get what is published when that is done", arguments: Deployment.all)
    func leave(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(deployment, routes: self.routes(Room())) { application async throws in
            try await withWebSocket(port: application.port, path: "/room") { one async throws in
                try await withWebSocket(port: application.port, path: "/room") { two async throws in
                    for socket in [one, two] { try await self.answerPing(of: socket) }
                    #expect(try await one.receive() == .text("history 0"))
                    #expect(try await two.receive() == .text("history 0"))
                    try await one.send("leave")
                    try await self.answerPing(of: one)
                    // Anything that is published would come before.
                    #expect(try await one.receive() == .text("you have left"))
                    guard case .text(let text) = try await two.receive() else {
                        Issue.record("nobody is told")
                        return
                    }
                    #expect(text.hasSuffix("has left"))
                    try await one.send("still here")
                    #expect(try await one.receive() == .text("still here"))
                }
            }
        }
    }

    private func answerPing(of socket: WebSocketClient) async throws {
        guard case .ping(let payload) = try await socket.receive() else { throw TimedOut("no ping") }
        try await socket.pong(String(buffer: payload))
    }

    @Test("A handler that throws ends its WebSocket with 1011", arguments: Deployment.all)
    func failure(_ deployment: Deployment) async throws {
        try await withDelegatedApplication(
            deployment,
            routes: { router, _ in
                router.webSocketOverHTTP("broken") { socket, _, _ in
                    if socket.isOpening { socket.accept() }
                    if !socket.messages.isEmpty { throw CancellationError() }
                }
            }
        ) { application async throws in
            try await withWebSocket(port: application.port, path: "/broken") { socket async throws in
                try await socket.send("fail")
                #expect(try await socket.receive() == .close(code: 1011, reason: ""))
            }
        }
    }
}
