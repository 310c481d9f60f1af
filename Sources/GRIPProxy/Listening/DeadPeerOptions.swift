import GRIPEngine
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How long a connection is kept whose other side acknowledges nothing, as options of its socket.
///
/// Connections have the options of the listener that they come from, so that they are set once.
struct DeadPeerOptions: Sendable {
    /// The most that Linux takes for the time of a probe.
    private static let maximumSeconds = 32_767

    /// Each option with its value.
    let options: [(option: ChannelOptions.Types.SocketOption, value: ChannelOptions.Types.SocketOption.Value)]

    /// Makes options.
    ///
    /// - Parameters:
    ///   - time: How long a connection is kept; zero for as long as the system keeps it.
    ///   - write: How long a client may take nothing that it is sent. Linux counts a client that acknowledges but does not
    ///     read as one that is not there, which must not be before this time.
    init(_ time: Duration, write: Duration = .zero) {
        guard time > .zero else {
            self.options = []
            return
        }
        var options: [(ChannelOptions.Types.SocketOption, ChannelOptions.Types.SocketOption.Value)] = [
            (.init(level: .socket, name: .so_keepalive), 1)
        ]
        #if os(Linux)
        let milliseconds = Self.milliseconds(time)
        // Half of the time there are no probes, and then four.
        let idle = min(max(1, milliseconds / 2000), Self.maximumSeconds)
        let interval = min(max(1, milliseconds / 8000), Self.maximumSeconds)
        for (name, value) in [
            (TCP_KEEPIDLE, idle), (TCP_KEEPINTVL, interval), (TCP_KEEPCNT, 4),
            (TCP_USER_TIMEOUT, max(milliseconds, Self.milliseconds(write))),
        ] {
            options.append((.init(level: .tcp, name: NIOBSDSocket.Option(rawValue: name)), value))
        }
        #endif
        self.options = options
    }

    #if os(Linux)
    private static func milliseconds(_ time: Duration) -> Int {
        Int(CInt(clamping: (EngineTime(milliseconds: 0) + time).milliseconds))
    }
    #endif
}
