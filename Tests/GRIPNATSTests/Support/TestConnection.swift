import GRIPNATS
import Logging
import NIOCore

/// A connection with what happened to it.
struct TestConnection: Sendable {
    let connection: GRIPNATSConnection
    let events: Recorder<GRIPNATSEvent>

    /// Waits until it has been connected so many times.
    func waitUntilConnected(times: Int = 1) async throws {
        _ = try await self.events.wait { $0.count(where: \.isConnected) >= times }
    }

    /// The payloads of a subscription, as texts.
    func record(_ pattern: GRIPNATSSubjectPattern) -> Recorder<String> {
        let recorder = Recorder<String>()
        self.connection.subscribe(to: pattern) { recorder.record(String(buffer: $0.payload)) }
        return recorder
    }

    func publish(_ text: String, to subject: GRIPNATSSubject) throws {
        try self.connection.publish(ByteBuffer(string: text), to: subject)
    }
}

extension GRIPNATSEvent {
    var isConnected: Bool {
        if case .connected = self { true } else { false }
    }

    var failure: GRIPNATSError? {
        if case .disconnected(let error) = self { error } else { nil }
    }
}

/// Runs a connection while `body` runs.
func withConnection<Result: Sendable>(
    _ configuration: GRIPNATSConfiguration,
    isConnected: Bool = true,
    logger: Logger? = nil,
    _ body: (TestConnection) async throws -> Result
) async throws -> Result {
    let events = Recorder<GRIPNATSEvent>()
    let connection = GRIPNATSConnection(configuration, logger: logger) { events.record($0) }
    let test = TestConnection(connection: connection, events: events)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await connection.run() }
        if isConnected { try await test.waitUntilConnected() }
        let result = try await body(test)
        group.cancelAll()
        try await group.waitForAll()
        return result
    }
}

func withConnection<Result: Sendable>(
    _ url: String,
    isConnected: Bool = true,
    _ body: (TestConnection) async throws -> Result
) async throws -> Result {
    try await withConnection(GRIPNATSConfiguration(url: url), isConnected: isConnected, body)
}

/// How a connection ends that cannot be made.
func failure(_ configuration: GRIPNATSConfiguration) async -> GRIPNATSError? {
    do {
        try await GRIPNATSConnection(configuration).run()
        return nil
    } catch {
        return error as? GRIPNATSError
    }
}
