import NIOCore
import NIOPosix
import Synchronization

/// Loopback ports nobody listens on.
enum FreePort {
    private static let handedOut = Mutex<Set<Int>>([])

    /// A port on 127.0.0.1 that is free now and that no other test of this run was given.
    ///
    /// Ports come from below the range operating systems use for outgoing connections, so that no connection
    /// made between this call and the `bind` of the program the port is for can take it.
    static func next() async throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 20_000..<32_000)
            guard handedOut.withLock({ $0.insert(port).inserted }) else { continue }
            do {
                let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(host: "127.0.0.1", port: port).get()
                try await channel.close()
                return port
            } catch is IOError {
                continue  // somebody listens there
            }
        }
        throw TimedOut("no free port found in a thousand attempts")
    }
}
