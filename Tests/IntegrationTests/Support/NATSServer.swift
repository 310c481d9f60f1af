import NIOPosix

/// A `nats-server` of a test, on a loopback port.
struct NATSServer: Sendable {
    let port: Int

    var url: String { "nats://127.0.0.1:\(self.port)" }

    /// Runs it while `body` runs.
    func run<Result: Sendable>(_ body: (ChildProcess) async throws -> Result) async throws -> Result {
        try await withChildProcess(Peers.nats.path(), ["-a", "127.0.0.1", "-p", "\(self.port)"]) { process in
            try await process.waitUntilListening(port: self.port)
            return try await body(process)
        }
    }
}

/// Runs a `nats-server` while `body` runs.
func withNATSServer<Result: Sendable>(_ body: (NATSServer) async throws -> Result) async throws -> Result {
    let server = NATSServer(port: try await FreePort.next())
    return try await server.run { _ in try await body(server) }
}
