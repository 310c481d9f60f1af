import GRIPEngine
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension ProxyLoop {
    /// When clients of WebSockets are asked whether they are still there.
    var livenessTimes: WebSocketLiveness.Times {
        WebSocketLiveness.Times(silence: self.timeouts.webSocketPing, answer: self.timeouts.webSocketPong)
    }

    /// Notes an error that ends the connection of a client, where its system has acknowledged nothing in time.
    func note(_ error: any Error, of connection: UInt64) {
        if (error as? IOError)?.errnoCode == ETIMEDOUT { self.timedOut(connection, .dead) }
    }
}
