import GRIPEngine
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The connections of one event loop to origins.
final class OriginPool: OriginClient {
    let eventLoop: any EventLoop
    let responseTimeout: Duration
    let connectTimeout: Duration
    let bodyTimeout: Duration
    private let idleTimeout: Duration
    private var idle: [OriginServer: [OriginHTTP1Handler]] = [:]
    private var all: [ObjectIdentifier: OriginHTTP1Handler] = [:]
    private let tls: OriginTLS
    let fieldNames: FieldNameTable
    /// How many connections nobody has used for too long.
    private(set) var expiredCount = 0

    init(
        eventLoop: any EventLoop,
        timeouts: GRIPProxyServerConfiguration.Timeouts,
        tls: OriginTLS,
        fieldNames: FieldNameTable
    ) {
        self.eventLoop = eventLoop
        self.fieldNames = fieldNames
        self.responseTimeout = timeouts.originResponse
        self.connectTimeout = timeouts.originConnect
        self.bodyTimeout = timeouts.originBody
        self.idleTimeout = timeouts.originIdle
        self.tls = tls
    }

    func open(_ request: OriginRequest, for receiver: any OriginReceiver) -> any OriginCall {
        PooledOriginCall(request, for: receiver, pool: self)
    }

    /// Finds a connection for a call.
    func start(_ call: PooledOriginCall) {
        guard case .server(let server) = call.request.destination else { return call.fail(.unreachable("no server")) }
        while let connection = self.idle[server]?.popLast() {
            guard connection.isIdle else { continue }
            return connection.begin(call, now: ProxyClock.now)
        }
        self.connect(call)
    }

    /// Makes a new connection for a call.
    func connect(_ call: PooledOriginCall) {
        guard case .server(let server) = call.request.destination else { return }
        let handler = OriginHTTP1Handler(server: server, for: call, pool: self)
        self.all[ObjectIdentifier(handler)] = handler
        let connected = ClientBootstrap(group: self.eventLoop)
            .connectTimeout(TimeAmount(self.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: server.host, port: server.port)
        connected.assumeIsolated().whenComplete { result in
            do {
                let channel = try result.get()
                guard handler.isConnecting else { return channel.close(promise: nil) }
                try self.install(handler, on: channel)
                handler.connected()
            } catch {
                handler.connectionFailed(error)
            }
        }
    }

    /// Prepares a connection.
    ///
    /// Not before it is there: a host with several addresses is tried with several channels.
    private func install(_ handler: OriginHTTP1Handler, on channel: any Channel) throws {
        let operations = channel.pipeline.syncOperations
        do {
            if let settings = handler.server.tls { try operations.addHandler(try self.tls.handler(for: settings)) }
            try operations.addHandler(handler.wire)
            try operations.addHandler(handler.wire.reasonPhrase)
            try operations.addHandler(ByteToMessageHandler(handler.wire.decoder))
            try operations.addHandler(handler)
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    /// Takes back a connection that is ready for another call.
    func release(_ connection: OriginHTTP1Handler) { self.idle[connection.server, default: []].append(connection) }

    func remove(_ connection: OriginHTTP1Handler) {
        self.all[ObjectIdentifier(connection)] = nil
        guard let index = self.idle[connection.server]?.firstIndex(where: { $0 === connection }) else { return }
        self.idle[connection.server]?.remove(at: index)
        if self.idle[connection.server]?.isEmpty == true { self.idle[connection.server] = nil }
    }

    /// Ends what has been idle for too long and calls that are overdue.
    ///
    /// Called about once a second.
    func sweep(at now: EngineTime) {
        for connection in self.all.values {
            if let since = connection.idleSince {
                guard now >= since + self.idleTimeout else { continue }
                self.expiredCount += 1
                connection.close()
            } else {
                connection.checkDeadline(at: now)
            }
        }
    }

    func shutDown() {
        for connection in self.all.values { connection.close() }
    }
}
