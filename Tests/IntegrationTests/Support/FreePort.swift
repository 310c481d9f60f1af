import NIOCore
import NIOPosix
import Synchronization

/// Loopback ports nobody listens on.
enum FreePort {
    private static let handedOut = Mutex<Set<Int>>([])

    /// A port on 127.0.0.1 that is free now and that no other test of this run was given.
    ///
    /// Ports come from below the range operating systems use for outgoing connections, so that no connection
    /// made between this call and the `bind` of the program the port is for can take it. Whether somebody listens is
    /// found out by connecting: a program started meanwhile would inherit a socket that is bound, and keep the port
    /// for as long as it takes to begin.
    static func next() async throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 20_000..<32_000)
            guard handedOut.withLock({ $0.insert(port).inserted }) else { continue }
            do {
                let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connect(host: "127.0.0.1", port: port).get()
                try await channel.close()
            } catch is NIOConnectionError {
                return port
            }
        }
        throw TimedOut("no free port found in a thousand attempts")
    }
}
