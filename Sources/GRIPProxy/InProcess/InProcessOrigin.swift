import GRIPEngine
import NIOCore

/// The connections of one event loop to the application in the same process.
///
/// They are used again like connections to a server, because a request then costs no new task and pipeline.
final class InProcessOrigin: OriginClient {
    private let eventLoop: any EventLoop
    private let idleTimeout: Duration
    private let handOver: (InMemoryChannel) -> Bool
    private var idle: [InProcessConnection] = []
    private var all: [ObjectIdentifier: InProcessConnection] = [:]

    /// Makes an origin without connections.
    ///
    /// - Parameters:
    ///   - eventLoop: The event loop of all its connections.
    ///   - idleTimeout: How long a connection that does nothing is kept.
    ///   - handOver: Gives a connection to the application, or returns false when that has ended.
    init(eventLoop: any EventLoop, idleTimeout: Duration, handOver: @escaping (InMemoryChannel) -> Bool) {
        self.eventLoop = eventLoop
        self.idleTimeout = idleTimeout
        self.handOver = handOver
    }

    /// How many requests the application has not finished with.
    var busyCount: Int { self.all.count - self.idle.count }

    func open(_ request: OriginRequest, for receiver: any OriginReceiver) -> any OriginCall {
        InProcessCall(request, for: receiver, origin: self)
    }

    /// Finds a connection for a call, or makes one.
    func start(_ call: InProcessCall) {
        if let connection = self.idle.popLast() { return connection.begin(call) }
        let channel = InMemoryChannel(eventLoop: self.eventLoop)
        let connection = InProcessConnection(channel: channel, origin: self)
        self.all[ObjectIdentifier(connection)] = connection
        guard self.handOver(channel) else {
            connection.close()
            return call.fail(.unreachable("the application has ended"))
        }
        connection.begin(call)
    }

    /// Takes back a connection that is ready for another call.
    func release(_ connection: InProcessConnection) { self.idle.append(connection) }

    func remove(_ connection: InProcessConnection) {
        self.all[ObjectIdentifier(connection)] = nil
        guard let index = self.idle.firstIndex(where: { $0 === connection }) else { return }
        self.idle.remove(at: index)
    }

    /// Ends what has been idle for too long.
    ///
    /// Called about once a second.
    func sweep(at now: EngineTime) {
        for connection in self.idle {
            if let since = connection.idleSince, now >= since + self.idleTimeout { connection.close() }
        }
    }

    /// Ends the connections that do nothing.
    func closeIdle() {
        for connection in self.idle { connection.close() }
    }

    func shutDown() {
        for connection in self.all.values { connection.close() }
    }
}
