import GRIPEngine
import NIOCore

/// What the proxy has counted and what it has, at one time.
struct ProxyMeasurements: Sendable {
    /// What there is at the moment.
    struct Levels: Sendable {
        var connections = 0
        var controlConnections = 0
        var subscriptions = CountByKind()
        /// Channels that count as subscribed.
        var channels = 0
        /// Items that wait for the ones before them.
        var waitingItems = 0
        var waitingBytes = 0
        /// What publishers have sent that is not with the connections of clients yet.
        var publishedBytes = 0
        /// One where there is a bus that is connected.
        var connectedBuses = 0
        /// Bytes that wait to be sent by the bus.
        var waitingBusBytes = 0
        /// Connections to origins, and requests that wait for one.
        var originConnections = 0
        var waitingOriginRequests = 0
        /// Members of this instance, those who watch, the channels that are watched, and other instances.
        var presenceMembers = 0
        var presenceWatchers = 0
        var presenceChannels = 0
        var presenceInstances = 0

        static func += (lhs: inout Levels, rhs: Levels) {
            lhs.connections += rhs.connections
            lhs.controlConnections += rhs.controlConnections
            lhs.subscriptions += rhs.subscriptions
            lhs.channels += rhs.channels
            lhs.waitingItems += rhs.waitingItems
            lhs.waitingBytes += rhs.waitingBytes
            lhs.publishedBytes += rhs.publishedBytes
            lhs.connectedBuses += rhs.connectedBuses
            lhs.waitingBusBytes += rhs.waitingBusBytes
            lhs.originConnections += rhs.originConnections
            lhs.waitingOriginRequests += rhs.waitingOriginRequests
            lhs.presenceMembers += rhs.presenceMembers
            lhs.presenceWatchers += rhs.presenceWatchers
            lhs.presenceChannels += rhs.presenceChannels
            lhs.presenceInstances += rhs.presenceInstances
        }
    }

    var counters = ProxyCounters()
    var levels = Levels()

    static func += (lhs: inout ProxyMeasurements, rhs: ProxyMeasurements) {
        lhs.counters += rhs.counters
        lhs.levels += rhs.levels
    }
}

extension ProxyLoop {
    var measurements: ProxyMeasurements {
        var result = ProxyMeasurements()
        result.counters = self.counters
        result.levels.connections = self.clients.count
        result.levels.subscriptions = self.registry.subscriptions
        result.counters.originConnectionsExpired = self.pool.expiredCount
        result.counters.originConnectionsOpened = self.pool.openedCount
        result.counters.originRequestsDelayed = self.pool.waitedCount
        result.counters.originRequestsRepeated = self.pool.repeatedCount
        result.levels.originConnections = self.pool.connectionCount
        result.levels.waitingOriginRequests = self.pool.waitingCount
        return result
    }
}

extension ProxyCore {
    /// What all parts of the proxy have counted and what they have.
    ///
    /// - Parameter eventLoop: Where the answer is waited for.
    func measurements(on eventLoop: any EventLoop) -> EventLoopFuture<ProxyMeasurements> {
        self.gather(on: eventLoop) { $0.measurements }.map { loops in
            var result = self.hub.measurements
            for loop in loops { result += loop }
            self.presence.add(to: &result)
            result.counters += self.control.counters
            result.counters.connectionsRefused += self.clientLimit.refusedCount
            result.counters.acceptPauses += self.descriptors.pauseCount
            result.counters.logLinesLeftOut += self.log.leftOutCount
            result.counters.logTextsCut += self.log.cutCount
            result.counters.logLinesDropped += self.output?.droppedCount ?? 0
            result.levels.controlConnections = self.control.count
            return result
        }
    }
}
