import NIOCore
import NIOPosix
import Synchronization

/// The suite's own origin: an HTTP/1 server that remembers requests as they came, and answers as scenarios say.
final class Origin: Sendable {
    private let pages = Mutex<[String: OriginPage]>([:])

    /// Listens for as long as `body` runs.
    static func withRunning<Outcome: Sendable>(
        port: Int,
        _ body: (Origin) async throws -> Outcome
    ) async throws -> Outcome {
        let origin = Origin()
        let accepted = Watched<[ByteStream]>([])
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 512)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let stream = try ByteStream.attach(to: channel)
                    accepted.change { $0.append(stream) }
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .get()
        let outcome: Result<Outcome, any Error>
        do {
            outcome = .success(
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await origin.serve(accepted) }
                    defer { group.cancelAll() }
                    return try await body(origin)
                }
            )
        } catch {
            outcome = .failure(error)
        }
        server.close(promise: nil)
        try await server.closeFuture.get()
        return try outcome.get()
    }

    func add(_ page: OriginPage) { self.pages.withLock { $0[page.path] = page } }

    func remove(_ page: OriginPage) { self.pages.withLock { _ = $0.removeValue(forKey: page.path) } }

    private func serve(_ accepted: Watched<[ByteStream]>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                let streams = try await accepted.first(within: .seconds(3600)) { streams -> [ByteStream]? in
                    defer { streams = [] }
                    return streams.isEmpty ? nil : streams
                }
                for stream in streams ?? [] { group.addTask { await self.serve(stream) } }
            }
        }
    }

    /// Answers request after request, until one says to close or the proxy does.
    private func serve(_ stream: ByteStream) async {
        defer { stream.close() }
        do {
            while let head = try await self.nextHead(stream) {
                let request = OriginRequest(head: head)
                let exchange = OriginExchange(request, stream)
                guard let page = self.pages.withLock({ $0[request.path] }) else {
                    try await exchange.readBody()
                    try await exchange.send(OriginResponse(404, body: "no scenario has this page\n"))
                    continue
                }
                try await page.serve(exchange)
                if exchange.isLast { return }
            }
        } catch {
            // The proxy, or the scenario, has no more use for the connection.
        }
    }

    private func nextHead(_ stream: ByteStream) async throws -> MessageHead? {
        try await stream.readIfAny(within: .seconds(3600)) { inbound -> MessageHead?? in
            if let head = MessageHead.read(from: &inbound.bytes) { return head }
            return inbound.isEnded ? .some(nil) : nil
        }.flatMap { $0 }
    }
}
