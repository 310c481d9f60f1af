import GRIPEngine
import GRIPPublisher
import NIOCore
import NIOPosix

/// Makes connections to origins from one event loop.
struct OriginConnector {
    let eventLoop: any EventLoop
    let connectTimeout: Duration
    let tls: OriginTLS
    /// How the process's file descriptors are shared: those of publishers are not for origins.
    let shares: DescriptorShares

    /// Connects to a server; to an untrusted one only under a public address.
    ///
    /// - Parameters:
    ///   - server: The server.
    ///   - initializer: What is done to each channel before it connects.
    ///   - completion: Called once, on the event loop.
    func connect(
        to server: OriginServer,
        _ initializer: (@Sendable (any Channel) -> EventLoopFuture<Void>)? = nil,
        completion: @escaping (Result<any Channel, OriginFailure>) -> Void
    ) {
        let resolver = server.isUntrusted ? PublicAddressResolver(eventLoop: self.eventLoop) : nil
        var bootstrap = ClientBootstrap(group: self.eventLoop)
            .connectTimeout(TimeAmount(self.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        if let resolver { bootstrap = bootstrap.resolver(resolver) }
        if let initializer { bootstrap = bootstrap.channelInitializer(initializer) }
        bootstrap.connect(host: server.host, port: server.port).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                guard self.mayKeep(channel) else {
                    channel.close(promise: nil)
                    let reason = "no file descriptors are left for it; raise the limit of open files"
                    return completion(
                        .failure(.unreachable("\(server.name): \(reason), which is \(self.shares.limit)"))
                    )
                }
                guard server.isUntrusted, channel.remoteAddress?.isPrivate ?? true else {
                    return completion(.success(channel))
                }
                channel.close(promise: nil)
                completion(.failure(.forbidden))
            case .failure(let error):
                guard resolver?.hasRefused != true else { return completion(.failure(.forbidden)) }
                completion(.failure(.unreachable(String(connectionError: error, to: server.name))))
            }
        }
    }

    /// Whether a connection leaves publishers their descriptors.
    private func mayKeep(_ channel: any Channel) -> Bool {
        do {
            return try (DescriptorSupply.descriptor(of: channel) ?? 0) < self.shares.originCeiling
        } catch {
            // A connection that has ended meanwhile tells so itself.
            return true
        }
    }
}

extension OriginServer {
    /// The host and the port, as operators write them.
    var name: String { self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)" }
}
