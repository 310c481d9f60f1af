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

    /// Notes an error that ends the connection of a client, if it is that the client's system has acknowledged nothing in
    /// time.
    ///
    /// - Returns: Whether it is that.
    func noteDead(_ error: any Error, _ connection: UInt64) -> Bool {
        guard (error as? IOError)?.errnoCode == ETIMEDOUT else { return false }
        self.timedOut(connection, .dead)
        return true
    }
}
