import GRIPEngine
import GRIPPublisher
import Logging
import NIOCore

/// The connections of one event loop to origins, as the engine's pool decides about them.
final class OriginPool: OriginClient {
    /// How long the loop does other things between two slices of what is due.
    private static let sliceInterval: TimeAmount = .milliseconds(5)

    let eventLoop: any EventLoop
    let responseTimeout: Duration
    let connectTimeout: Duration
    let bodyTimeout: Duration
    let fieldNames: FieldNameTable
    let connector: OriginConnector
    private let log: ProxyLog
    private var pool: ConnectionPool
    private let outages: OriginOutages
    private var connections: [OriginHTTP1Handler?] = []
    private var waiting: [ConnectionPool.Ticket: PooledOriginCall] = [:]
    /// How often an origin that sends many small pieces is read in smaller parts from then on.
    var readsLimitedCount = 0

    init(
        eventLoop: any EventLoop,
        settings: ProxySettingsSnapshot,
        fieldNames: FieldNameTable,
        log: ProxyLog
    ) {
        self.eventLoop = eventLoop
        self.fieldNames = fieldNames
        self.log = log
        self.outages = settings.outages
        let timeouts = settings.timeouts
        self.responseTimeout = timeouts.originResponse
        self.connectTimeout = timeouts.originConnect
        self.bodyTimeout = timeouts.originBody
        self.connector = OriginConnector(
            eventLoop: eventLoop,
            connectTimeout: timeouts.originConnect,
            tls: settings.tls,
            shares: DescriptorShares(settings.limits)
        )
        self.pool = ConnectionPool(
            ConnectionPool.Limits(
                connections: settings.limits.originConnections,
                waiting: settings.limits.originQueue,
                poolCount: settings.loopCount,
                waitTime: timeouts.originQueue,
                idleTime: timeouts.originIdle,
                freshTime: timeouts.originReuse
            )
        )
    }

    /// How many connections there are.
    var connectionCount: Int { self.pool.connectionCount }

    /// How many requests wait for a connection.
    var waitingCount: Int { self.waiting.count }

    /// How many requests have had to wait for one.
    var waitedCount: Int { self.pool.waitedCount }

    /// How many connections were made, or tried to be.
    var openedCount: Int { self.pool.openedCount }

    /// How many requests were sent again, because the connection had ended before there was an answer.
    private(set) var repeatedCount = 0

    /// How many connections nobody has used for too long.
    var expiredCount: Int { self.pool.expiredCount }

    func open(_ request: OriginRequest, for receiver: any OriginReceiver) -> any OriginCall {
        PooledOriginCall(request, for: receiver, pool: self)
    }

    // MARK: Calls

    /// Finds a connection for a call.
    func start(_ call: PooledOriginCall) {
        guard let wish = call.wish else { return call.fail(.unreachable("no server")) }
        while true {
            let answer = self.pool.ask(wish, now: ProxyClock.now)
            guard case .use(let id) = answer, self.connections[id]?.isIdle != true else {
                return self.perform(answer, for: call)
            }
            // It has ended, and is about to say so.
            if let gone = self.connections[id] { self.remove(gone) }
        }
    }

    /// Finds a new connection for a call whose former one has ended before there was an answer.
    func startAgain(_ call: PooledOriginCall) {
        self.repeatedCount += 1
        self.start(call)
    }

    private func perform(_ answer: ConnectionPool.Answer, for call: PooledOriginCall) {
        switch answer {
        case .use(let id): self.connections[id]?.begin(call)
        case .connect(let id, let closing):
            if let closing { self.connections[closing]?.close() }
            self.connect(call, id)
        case .wait(let ticket):
            call.ticket = ticket
            self.waiting[ticket] = call
        case .refuse:
            // Later: the caller is not ready for the end of the request yet.
            self.eventLoop.assumeIsolated().execute { call.fail(.busy) }
        }
    }

    /// Forgets a call that waits.
    func withdraw(_ ticket: ConnectionPool.Ticket) {
        guard self.waiting.removeValue(forKey: ticket) != nil else { return }
        self.pool.withdraw(ticket)
    }

    private func takeWaiting(_ ticket: ConnectionPool.Ticket) -> PooledOriginCall? {
        let call = self.waiting.removeValue(forKey: ticket)
        call?.ticket = nil
        return call
    }

    // MARK: Connections

    /// Makes a new connection for a call.
    private func connect(_ call: PooledOriginCall, _ id: ConnectionPool.ConnectionID) {
        guard let server = call.wish?.server else { return }
        let handler = OriginHTTP1Handler(id: id, server: server, for: call, pool: self)
        while self.connections.count <= id { self.connections.append(nil) }
        self.connections[id] = handler
        self.connector.connect(to: server) { result in
            switch result {
            case .success(let channel):
                guard handler.isConnecting else { return channel.close(promise: nil) }
                do {
                    try self.install(handler, on: channel)
                    handler.connected()
                } catch {
                    handler.connectionFailed(.unreachable(String(connectionError: error, to: server.name)))
                }
            case .failure(let failure): handler.connectionFailed(failure)
            }
        }
    }

    /// Prepares a connection.
    ///
    /// Not before it is there: a host with several addresses is tried with several channels.
    private func install(_ handler: OriginHTTP1Handler, on channel: any Channel) throws {
        let operations = channel.pipeline.syncOperations
        do {
            if let settings = handler.server.tls {
                try operations.addHandler(try self.connector.tls.handler(for: settings))
            } else {
                // So that it can be asked at the end of a connection what had arrived.
                try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            }
            try operations.addHandler(handler.wire)
            try operations.addHandler(handler)
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    /// Takes back a connection that is ready for another call.
    func release(_ connection: OriginHTTP1Handler, _ keepAlive: OriginKeepAlive) {
        guard let id = connection.id else { return connection.close() }
        switch self.pool.release(id, keepAlive, now: ProxyClock.now) {
        case .kept: break
        case .next(let ticket):
            guard let call = self.takeWaiting(ticket) else { return connection.close() }
            connection.begin(call)
        case .close: connection.close()
        }
    }

    /// Forgets a connection that is gone.
    func remove(_ connection: OriginHTTP1Handler) {
        guard let id = connection.id else { return }
        connection.id = nil
        self.connections[id] = nil
        guard let turn = self.pool.remove(id, now: ProxyClock.now) else { return }
        guard let call = self.takeWaiting(turn.ticket) else { return }
        if case .use(let id) = turn.answer, let other = self.connections[id], !other.isIdle {
            // It has ended too.
            self.remove(other)
            return self.start(call)
        }
        self.perform(turn.answer, for: call)
    }

    // MARK: Time

    /// Ends what has been idle for too long and calls that are overdue.
    ///
    /// Called about once a second.
    func sweep(at now: EngineTime) {
        self.expire(at: now)
        for connection in self.connections { connection?.checkDeadline(at: now) }
    }

    private func expire(at now: EngineTime) {
        let expired = self.pool.expire(at: now)
        for id in expired.connections { self.connections[id]?.close() }
        for ticket in expired.tickets { self.takeWaiting(ticket)?.fail(.busy) }
        guard expired.hasMore else { return }
        _ = self.eventLoop.assumeIsolated().scheduleTask(in: Self.sliceInterval) { self.expire(at: ProxyClock.now) }
    }

    func shutDown() {
        for call in self.waiting.values { call.fail(.busy) }
        self.waiting = [:]
        for connection in self.connections { connection?.close() }
    }

    // MARK: Health

    /// Notes that no connection to a server could be made.
    func failed(_ server: OriginServer, _ failure: OriginFailure) {
        guard case .unreachable(let reason) = failure,
            let note = self.outages.failed(server, reason)
        else { return }
        self.tell(note, of: server)
    }

    /// Notes that a connection to a server could be made.
    func succeeded(_ server: OriginServer) {
        if let note = self.outages.succeeded(server) { self.tell(note, of: server) }
    }

    private func tell(_ note: OriginHealth.Note, of server: OriginServer) {
        let metadata: Logger.Metadata = ["server.address": "\(server.host)", "server.port": "\(server.port)"]
        switch note {
        case .down(let reason):
            self.log.write(
                .warning,
                .originDown,
                about: server.name,
                "an origin cannot be reached: \(reason)",
                metadata
            )
        case .stillDown(let reason, let count):
            self.log.write(
                .warning,
                .originDown,
                about: server.name,
                "an origin still cannot be reached, after \(count) attempts: \(reason)",
                metadata
            )
        case .up(let count, let time):
            self.log.write(
                .notice,
                .originUp,
                about: server.name,
                "the origin \(server.name) can be reached again, after \(count) failed attempts in \(time)",
                metadata
            )
        }
    }
}
