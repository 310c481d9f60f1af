import GRIPEngine
import GRIPPublisher
import NIOCore
import NIOPosix

/// Makes connections to origins from one event loop.
struct OriginConnector {
    let eventLoop: any EventLoop
    let connectTimeout: Duration
    let tls: OriginTLS

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
}

extension OriginServer {
    /// The host and the port, as operators write them.
    var name: String { self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)" }
}
