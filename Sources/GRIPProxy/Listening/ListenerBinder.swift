import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Opens the sockets where connections arrive.
struct ListenerBinder {
    /// The event loops that connections are spread over.
    let group: any EventLoopGroup
    /// Whether each event loop accepts its own connections, where the system can spread them.
    ///
    /// Otherwise one loop accepts them and each gets as many as any other, but nearly all of them change their loop,
    /// which wakes two threads three times.
    let acceptsOnEachLoop: Bool
    /// What makes a new connection one of the proxy's.
    let initialize: @Sendable (any Channel) throws -> Void

    /// Listens.
    ///
    /// - Returns: What listens, all of it at the same address.
    /// - Throws: ``GRIPListenError``.
    func bind(_ listener: GRIPListener) async throws -> [any Channel] {
        do {
            switch listener.address {
            case .tcp(let host, let port):
                return try await self.bind(to: SocketAddress.makeAddressResolvingHost(host, port: port))
            case .unix(let path):
                let bootstrap = self.bootstrap(ServerBootstrap(group: self.group))
                return [try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()]
            }
        } catch {
            throw GRIPListenError(listener: listener, error: error)
        }
    }

    private func bind(to address: SocketAddress) async throws -> [any Channel] {
        #if os(Linux)
        let loops = Array(self.group.makeIterator())
        if self.acceptsOnEachLoop, loops.count > 1 {
            try address.checkNobodyListens()
            return try await self.bind(to: address, onEach: loops)
        }
        #endif
        return [try await self.tcpBootstrap(ServerBootstrap(group: self.group)).bind(to: address).get()]
    }

    #if os(Linux)
    private func bind(to address: SocketAddress, onEach loops: [any EventLoop]) async throws -> [any Channel] {
        var channels: [any Channel] = []
        do {
            for loop in loops {
                let bootstrap = self.tcpBootstrap(ServerBootstrap(group: loop, childGroup: loop))
                    .serverChannelOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_REUSEPORT)), value: 1)
                // A port that the system chose for the first one is that of all.
                channels.append(try await bootstrap.bind(to: channels.first?.localAddress ?? address).get())
            }
        } catch {
            for channel in channels { try await channel.close() }
            throw error
        }
        return channels
    }
    #endif

    private func tcpBootstrap(_ bootstrap: ServerBootstrap) -> ServerBootstrap {
        // Connections do as their listener does, which is without delay.
        self.bootstrap(bootstrap).serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    private func bootstrap(_ bootstrap: ServerBootstrap) -> ServerBootstrap {
        let initialize = self.initialize
        return bootstrap.serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                // Options that are given to the bootstrap take several futures each.
                channel.eventLoop.makeCompletedFuture {
                    try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
                    try initialize(channel)
                }
            }
    }
}
