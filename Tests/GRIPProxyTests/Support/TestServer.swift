import NIOCore
import NIOPosix

/// Runs a server on a free port of this machine while a closure runs.
///
/// - Parameters:
///   - serve: What is done with each connection, which ends with it. Nobody hears of its errors.
///   - body: What is done meanwhile; it gets the port.
func withServer<Result>(
    _ serve: @escaping @Sendable (inout TestConnection) async throws -> Void,
    _ body: (Int) async throws -> Result
) async throws -> Result {
    try await withOwnGroup { group in
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        let serving = Task {
            try await server.executeThenClose { clients in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await client in clients {
                        group.addTask {
                            // The other side may go at any time.
                            do {
                                try await client.executeThenClose { inbound, outbound in
                                    var connection = TestConnection(client.channel, inbound, outbound)
                                    try await serve(&connection)
                                }
                            } catch {}
                        }
                    }
                }
            }
        }
        let result = await Swift.Result.catching { try await body(server.channel.localAddress?.port ?? 0) }
        serving.cancel()
        // It ends with the cancellation, in one way or the other.
        do { try await serving.value } catch {}
        return try result.get()
    }
}

extension TestConnection {
    /// Receives the head of a request, or nothing when there is none to come.
    mutating func requestHead() async throws -> String? { try await self.text(upTo: "\r\n\r\n") }

    /// Answers with a status, headers and a body of known length.
    func respond(_ status: String = "200 OK", _ fields: [String] = [], _ body: String = "") async throws {
        let lines = ["HTTP/1.1 \(status)"] + fields + ["Content-Length: \(body.utf8.count)"]
        try await self.send(lines.map { $0 + "\r\n" }.joined() + "\r\n" + body)
    }
}
