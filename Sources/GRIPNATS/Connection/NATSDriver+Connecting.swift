import NIOCore
import NIOPosix
import NIOSSL

extension NATSDriver {
    func advance() {
        guard self.phase == .running, let step = self.reconnection.next(now: self.now) else { return }
        switch step {
        case .connect(let server): self.connect(to: server)
        case .wait(let deadline): self.wake(at: deadline)
        case .fail(let error): self.finish(error)
        }
    }

    func connect(to server: GRIPNATSServer) {
        self.number += 1
        let number = self.number
        self.server = server
        self.session = NATSSession(
            NATSSession.Configuration(
                credentials: self.configuration.credentials ?? server.credentials,
                name: self.configuration.name,
                echoes: self.configuration.receivesOwnMessages,
                requiresTLS: server.requiresTLS,
                isEncrypted: self.configuration.tls.startsAtOnce,
                // One time to connect, and one for what follows.
                handshakeTimeout: TimeAmount(self.configuration.connectTimeout * 2),
                pingInterval: TimeAmount(self.configuration.pingInterval),
                maximumUnansweredPings: self.configuration.maximumUnansweredPings,
                limits: NATSOperationReader.Limits(message: self.configuration.receivedMessageLimit)
            ),
            now: self.now
        )
        self.control = NATSControlWrites()
        let driver = NIOLoopBound(self, eventLoop: self.eventLoop)
        ClientBootstrap(group: self.eventLoop)
            .connectTimeout(TimeAmount(self.configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let driver = driver.value
                    if driver.configuration.tls.startsAtOnce { try driver.addTLS(to: channel) }
                    try channel.pipeline.syncOperations.addHandler(NATSChannelHandler(driver, number: number))
                }
            }
            .connect(host: server.host, port: server.port)
            .assumeIsolated()
            .whenFailure { self.channelClosed($0, on: number) }
        self.updateTimer()
    }

    func addTLS(to channel: any Channel) throws {
        guard let context, let server else { return }
        let name = self.configuration.tls.serverName ?? server.nameForCertificate
        let handler = try NIOSSLClientHandler(context: context, serverHostname: name)
        try channel.pipeline.syncOperations.addHandler(handler, position: .first)
    }
}
