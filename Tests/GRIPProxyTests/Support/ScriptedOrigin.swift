import NIOCore
import NIOPosix

/// An origin that sends, keeps back and closes what a test says, byte by byte.
enum ScriptedOrigin {
    /// Runs an origin while a closure runs.
    ///
    /// - Parameters:
    ///   - script: What it does with each connection, which ends with it.
    ///   - body: What is done meanwhile; it gets the port.
    static func with<Result>(
        _ script: @escaping @Sendable (inout TestConnection) async throws -> Void,
        _ body: (Int) async throws -> Result
    ) async throws -> Result {
        try await withOwnGroup { group in
            let server = try await ServerBootstrap(group: group)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .bind(host: "127.0.0.1", port: 0) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true)
                        )
                    }
                }
            let port = server.channel.localAddress?.port ?? 0
            let run = Task { try await Self.serve(server, script) }
            do {
                let result = try await body(port)
                await Self.end(run)
                return result
            } catch {
                await Self.end(run)
                throw error
            }
        }
    }

    private static func end(_ run: Task<Void, any Error>) async {
        run.cancel()
        do { try await run.value } catch {
            // It was told to end.
        }
    }

    private static func serve(
        _ server: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>,
        _ script: @escaping @Sendable (inout TestConnection) async throws -> Void
    ) async throws {
        try await withThrowingDiscardingTaskGroup { tasks in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    tasks.addTask { await Self.serve(connection, script) }
                }
            }
        }
    }

    private static func serve(
        _ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ script: @escaping @Sendable (inout TestConnection) async throws -> Void
    ) async {
        do {
            try await channel.executeThenClose { inbound, outbound in
                var connection = TestConnection(channel.channel, inbound, outbound)
                try await script(&connection)
            }
        } catch {
            // The proxy hangs up in the middle, which is what many of these tests are about.
        }
    }
}

extension TestConnection {
    /// Receives requests without a body and gives each the same answer, up to the end of the connection.
    mutating func answer(_ text: String) async throws {
        while try await self.text(upTo: "\r\n\r\n") != nil { try await self.send(text) }
    }

    /// Receives the head of a request and answers nothing, up to the end of the connection.
    mutating func keepSilent() async throws {
        _ = try await self.text(upTo: "\r\n\r\n")
        _ = try await self.rest()
    }
}
