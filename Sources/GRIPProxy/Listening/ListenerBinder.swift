import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
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
    /// What the files of Unix domain sockets get.
    let permissions: GRIPSocketPermissions
    /// How long a connection is kept whose other side acknowledges nothing.
    var deadPeers = DeadPeerOptions(.zero)
    /// What each listener gets first.
    let makeGuard: @Sendable () -> AcceptGuard
    /// What makes a new connection one of the proxy's.
    let initialize: @Sendable (any Channel) throws -> Void

    private static let backlog: CInt = 4096
    /// How often a port is looked for that all addresses of a host have free.
    private static let portAttempts = 50

    /// Listens.
    ///
    /// - Returns: What listens.
    /// - Throws: ``GRIPListenError``.
    func bind(_ listener: GRIPListener) async throws -> BoundListener {
        do {
            switch listener.address {
            case .tcp(let host, let port):
                let host = try await NIOThreadPool.singleton.runIfActive { try HostAddresses(host: host, port: port) }
                return try await self.bind(to: host.addresses)
            case .unix(let path): return try await self.bind(toSocketAt: path)
            }
        } catch {
            throw GRIPListenError(listener: listener, error: error)
        }
    }

    private func bind(toSocketAt path: String) async throws -> BoundListener {
        let permissions = self.permissions
        let (socket, file) = try await NIOThreadPool.singleton.runIfActive {
            try SocketFile.listen(at: path, permissions, backlog: Self.backlog)
        }
        do {
            let channel = try await self.bootstrap(ServerBootstrap(group: self.group)).withBoundSocket(socket).get()
            // NIO has made the queue of those who wait shorter.
            listen(socket, Self.backlog)
            return BoundListener(
                channels: [channel],
                addresses: [try SocketAddress(unixDomainSocketPath: path)],
                file: file
            )
        } catch {
            file.remove()
            throw error
        }
    }

    // MARK: TCP

    private func bind(to addresses: [SocketAddress]) async throws -> BoundListener {
        var attempt = 1
        while true {
            do {
                return try await self.bindOnce(to: addresses)
            } catch let error as IOError
                where error.errnoCode == EADDRINUSE && addresses.count > 1 && addresses[0].port == 0
            {
                // The system chose a port for the first address that another one has in use.
                guard attempt < Self.portAttempts else { throw error }
                attempt += 1
            }
        }
    }

    private func bindOnce(to addresses: [SocketAddress]) async throws -> BoundListener {
        var result = BoundListener()
        var failure: (any Error)?
        do {
            for var address in addresses {
                // A port that the system chose for the first one is that of all.
                if address.port == 0, let port = result.addresses.first?.port { address.port = port }
                do {
                    let channels = try await self.bind(to: address, isIPv6Only: addresses.count > 1)
                    result.channels += channels
                    result.addresses.append(channels.first?.localAddress ?? address)
                } catch  where HostAddresses.isAbsent(error) {
                    failure = failure ?? error
                }
            }
            if let failure, result.channels.isEmpty { throw failure }
        } catch {
            try await result.close()
            throw error
        }
        return result
    }

    private func bind(to address: SocketAddress, isIPv6Only: Bool) async throws -> [any Channel] {
        #if os(Linux)
        let loops = Array(self.group.makeIterator())
        if self.acceptsOnEachLoop, loops.count > 1 {
            try address.checkNobodyListens(isIPv6Only: isIPv6Only)
            return try await self.bind(to: address, isIPv6Only: isIPv6Only, onEach: loops)
        }
        #endif
        let bootstrap = self.tcpBootstrap(ServerBootstrap(group: self.group), address, isIPv6Only: isIPv6Only)
        return [try await bootstrap.bind(to: address).get()]
    }

    #if os(Linux)
    private func bind(
        to address: SocketAddress,
        isIPv6Only: Bool,
        onEach loops: [any EventLoop]
    ) async throws -> [any Channel] {
        var channels: [any Channel] = []
        do {
            for loop in loops {
                let bootstrap = ServerBootstrap(group: loop, childGroup: loop)
                let sharing = self.tcpBootstrap(bootstrap, address, isIPv6Only: isIPv6Only)
                    .serverChannelOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_REUSEPORT)), value: 1)
                // A port that the system chose for the first one is that of all.
                channels.append(try await sharing.bind(to: channels.first?.localAddress ?? address).get())
            }
        } catch {
            for channel in channels { try await channel.close() }
            throw error
        }
        return channels
    }
    #endif

    /// What listens with TCP.
    ///
    /// A socket for all IPv6 addresses takes those of IPv4 too, unless it is told that another one is there for them.
    private func tcpBootstrap(
        _ bootstrap: ServerBootstrap,
        _ address: SocketAddress,
        isIPv6Only: Bool
    ) -> ServerBootstrap {
        // Connections do as their listener does, which is without delay.
        var bootstrap = self.bootstrap(bootstrap).serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        for (option, value) in self.deadPeers.options {
            bootstrap = bootstrap.serverChannelOption(option, value: value)
        }
        guard isIPv6Only, address.protocol == .inet6 else { return bootstrap }
        let option = ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only)
        return bootstrap.serverChannelOption(option, value: 1)
    }

    private func bootstrap(_ bootstrap: ServerBootstrap) -> ServerBootstrap {
        let initialize = self.initialize
        let makeGuard = self.makeGuard
        return bootstrap.serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(makeGuard())
                }
            }
            .childChannelInitializer { channel in
                // Options that are given to the bootstrap take several futures each.
                channel.eventLoop.makeCompletedFuture {
                    try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
                    try initialize(channel)
                }
            }
    }
}
